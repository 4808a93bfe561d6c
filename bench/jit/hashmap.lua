-- A map from numbers to numbers: filled, asked, half emptied and asked again.
local ROUNDS = 2
local KNOWN = 42 -- where the keys that are put in begin
local UNKNOWN = 4711 -- and others

-- Keys follow from each other, from a first one on, without an order.
local function key_after(key)
    return key * 48271 % 2147483647
end

-- The sum of what the map has for n keys.
local function ask(map, key, n)
    local sum = 0
    for _ = 1, n do
        key = key_after(key)
        local value = map[key]
        if value then sum = sum + value end
    end
    return sum
end

local n = tonumber(arg[1])
local map, size = {}, n
local key, sum = KNOWN, 0
for i = 0, n - 1 do
    key = key_after(key)
    map[key] = i
end
for _ = 1, ROUNDS do sum = sum + ask(map, KNOWN, n) + ask(map, UNKNOWN, n) end
key = KNOWN
for _ = 0, n - 1, 2 do
    key = key_after(key)
    map[key] = nil
    size = size - 1
    key = key_after(key)
end
print(string.format("%d", sum + ask(map, KNOWN, n) + size))
