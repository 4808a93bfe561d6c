-- Queens on a board of the size, none in reach of another: how many ways there are. Recursion and tables of booleans.
local size = tonumber(arg[1])
local columns, rising, falling = {}, {}, {}

-- The number of ways to put queens on the rows from this one on.
local function ways(row)
    if row == size then return 1 end
    local count = 0
    for column = 0, size - 1 do
        local up, down = row + column, row - column + size
        if not (columns[column] or rising[up] or falling[down]) then
            columns[column], rising[up], falling[down] = true, true, true
            count = count + ways(row + 1)
            columns[column], rising[up], falling[down] = false, false, false
        end
    end
    return count
end

for i = 0, 2 * size do
    columns[i], rising[i], falling[i] = false, false, false
end
print(string.format("%d", ways(0)))
