-- Calls of small functions in a loop.
local COUNT = tonumber(arg[1])

local function clip(x, low, high)
    if x < low then return low end
    if x > high then return high end
    return x
end

local function step(x)
    x = x + 7
    if x > 1000 then return x - 2000 end
    return x
end

local sum, x = 0, 0
for _ = 1, COUNT do
    x = step(x)
    sum = sum + clip(x, -300, 500)
end
print(string.format("%d", sum))
