-- Methods of three kinds of tables, called in an order that cannot be foretold.
local floor = math.floor
local SHAPES = 1000

local Square, Rectangle, Triangle = {}, {}, {}
Square.__index, Rectangle.__index, Triangle.__index = Square, Rectangle, Triangle

function Square:area(by)
    local side = self.side + by
    return side * side
end

function Rectangle:area(by)
    return (self.width + by) * self.height
end

function Triangle:area(by)
    return floor(self.base * (self.height + by) / 2)
end

-- A shape with these sizes, of which kind they say too.
local function shape_of(kind, a, b)
    if kind == 0 then return setmetatable({ side = a }, Square) end
    if kind == 1 then return setmetatable({ width = a, height = b }, Rectangle) end
    return setmetatable({ base = a, height = b }, Triangle)
end

local rounds = tonumber(arg[1])
local shapes, x, sum = {}, 42, 0
for i = 1, SHAPES do
    x = x * 48271 % 2147483647
    shapes[i] = shape_of(x % 3, x % 97, x % 89)
end
for round = 0, rounds - 1 do
    for i = 1, SHAPES do sum = sum + shapes[i]:area(round % 8) end
end
print(string.format("%d", sum))
