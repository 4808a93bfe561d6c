-- All permutations of six numbers, made by exchanging two of them.
--
-- The size is how often. Printed is how many calls that takes.

local Permutations = {}
Permutations.__index = Permutations

function Permutations.new()
    return setmetatable({ calls = 0, values = { 0, 1, 2, 3, 4, 5 } }, Permutations)
end

-- Makes all permutations of the first n values.
function Permutations:permute(n)
    self.calls = self.calls + 1
    if n == 0 then return end
    self:permute(n - 1)
    for i = n, 1, -1 do
        self:swap(n, i)
        self:permute(n - 1)
        self:swap(n, i)
    end
end

function Permutations:swap(i, j)
    local values = self.values
    values[i], values[j] = values[j], values[i]
end

local sum = 0
for _ = 1, tonumber(arg[1]) do
    local permutations = Permutations.new()
    permutations:permute(6)
    sum = sum + permutations.calls
end
print(sum)
