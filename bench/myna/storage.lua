-- Trees of arrays: seven levels, four branches each, leaves of random length.
--
-- The size is how many are built. Printed are the nodes made and the room in the leaves.

local Random = {}
Random.__index = Random

function Random.new()
    return setmetatable({ seed = 74755 }, Random)
end

function Random:next()
    self.seed = (self.seed * 1309 + 13849) % 65536
    return self.seed
end

local Tree = {}
Tree.__index = Tree

function Tree.new(parts)
    return setmetatable({ parts = parts }, Tree)
end

-- The room in the leaves, where an empty place is false.
function Tree:room()
    if not self.parts[1] then return #self.parts end
    local sum = 0
    for _, part in ipairs(self.parts) do sum = sum + part:room() end
    return sum
end

local Builder = {}
Builder.__index = Builder

function Builder.new()
    return setmetatable({ nodes = 0, random = Random.new() }, Builder)
end

function Builder:build(depth)
    self.nodes = self.nodes + 1
    local parts = {}
    if depth == 1 then
        for i = 1, self.random:next() % 10 + 1 do parts[i] = false end
    else
        for i = 1, 4 do parts[i] = self:build(depth - 1) end
    end
    return Tree.new(parts)
end

local nodes, sum = 0, 0
for _ = 1, tonumber(arg[1]) do
    local builder = Builder.new()
    sum = sum + builder:build(7):room()
    nodes = nodes + builder.nodes
end
print(nodes .. " " .. sum)
