-- Binary trees: many short-lived ones beside one that lives for the whole run.
local DEPTH_MAX, DEPTH_MIN = tonumber(arg[1]), 4

local function make(depth)
    if depth == 0 then return {} end
    depth = depth - 1
    return {make(depth), make(depth)}
end

local function count(node)
    if node[1] then return 1 + count(node[1]) + count(node[2]) end
    return 1
end

local sum = count(make(DEPTH_MAX + 1))
local long_lived = make(DEPTH_MAX)
for depth = DEPTH_MIN, DEPTH_MAX, 2 do
    for _ = 1, 2 ^ (DEPTH_MAX - depth + DEPTH_MIN) do sum = sum + count(make(depth)) end
end
sum = sum + count(long_lived)
print(string.format("%d", sum))
