-- A large map that lives long and keeps changing: each step takes the oldest entry out, puts a new one in and reads one.
local SIZE, STEPS = tonumber(arg[1]), tonumber(arg[2])
local map, len = {}, 0

local function insert(i)
    local key = i * 2654435761 % 4294967296
    map[key] = {key = key, stamp = i}
    len = len + 1
end

for i = 0, SIZE - 1 do insert(i) end
local random, sum = 1, 0
for i = 0, STEPS - 1 do
    local oldest = i * 2654435761 % 4294967296
    if map[oldest] then
        map[oldest] = nil
        len = len - 1
    end
    insert(i + SIZE)
    random = random * 48271 % 2147483647
    local at = random % SIZE + i + 1
    sum = sum + map[at * 2654435761 % 4294967296].stamp
end
print(string.format("%d", sum + len))
