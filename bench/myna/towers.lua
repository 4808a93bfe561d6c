-- The towers of Hanoi with 13 disks, each pile a linked list.
--
-- The size is how often they are moved. Printed is the number of moves.

local Towers = {}
Towers.__index = Towers

function Towers.new()
    return setmetatable({ moves = 0, piles = {} }, Towers)
end

-- Builds a pile of so many disks.
function Towers:build(pile, disks)
    for size = disks - 1, 0, -1 do self:push({ size = size }, pile) end
end

-- Moves so many disks from one pile to another.
function Towers:transfer(disks, from, to)
    if disks == 1 then
        self:move_top(from, to)
        return
    end
    local other = 6 - from - to
    self:transfer(disks - 1, from, other)
    self:move_top(from, to)
    self:transfer(disks - 1, other, to)
end

function Towers:move_top(from, to)
    self:push(self:pop(from), to)
    self.moves = self.moves + 1
end

function Towers:push(disk, pile)
    local top = self.piles[pile]
    if top and disk.size >= top.size then error("a large disk on a small one") end
    disk.below = top
    self.piles[pile] = disk
end

function Towers:pop(pile)
    local top = self.piles[pile]
    if not top then error("the pile is empty") end
    self.piles[pile] = top.below
    top.below = nil
    return top
end

local sum = 0
for _ = 1, tonumber(arg[1]) do
    local towers = Towers.new()
    towers:build(1, 13)
    towers:transfer(13, 1, 2)
    sum = sum + towers.moves
end
print(sum)
