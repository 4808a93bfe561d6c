-- Eight queens on a board, none in reach of another: the first way that is found.
--
-- The size is how often it is looked for. Printed is the sum of a number made of the rows.

local function filled(n, value)
    local all = {}
    for i = 1, n do all[i] = value end
    return all
end

local Board = {}
Board.__index = Board

function Board.new()
    return setmetatable({
        free_rows = filled(8, true),
        free_rising = filled(16, true),
        free_falling = filled(16, true),
        rows = filled(8, -1),
    }, Board)
end

-- Puts queens into the columns from this one on; whether that can be done.
function Board:place(column)
    for row = 1, 8 do
        if self:is_free(row, column) then
            self.rows[row] = column
            self:set(row, column, false)
            if column == 8 then return true end
            if self:place(column + 1) then return true end
            self:set(row, column, true)
        end
    end
    return false
end

function Board:number()
    local number = 0
    for _, column in ipairs(self.rows) do number = number * 8 + column - 1 end
    return number
end

function Board:is_free(row, column)
    return self.free_rows[row] and self.free_rising[column + row - 1] and self.free_falling[column - row + 8]
end

function Board:set(row, column, free)
    self.free_rows[row] = free
    self.free_rising[column + row - 1] = free
    self.free_falling[column - row + 8] = free
end

local sum = 0
for _ = 1, tonumber(arg[1]) do
    local board = Board.new()
    if board:place(1) then sum = sum + board:number() end
end
print(sum)
