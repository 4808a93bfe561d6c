-- The distance of two texts by a table of one row: loads, minima, a chain of dependences.
local min = math.min

-- A text of four letters, from a seed, as a table of numbers.
local function text_of(n, seed)
    local text = {}
    for i = 1, n do
        seed = seed * 48271 % 2147483647
        text[i] = 97 + seed % 4
    end
    return text
end

local function distance(a, b)
    local row = {}
    for j = 0, #b do row[j] = j end
    for i = 1, #a do
        local letter, diagonal, left = a[i], i - 1, i
        row[0] = left
        for j = 1, #b do
            local above, best = row[j], diagonal
            if b[j] ~= letter then best = min(best, above, left) + 1 end
            row[j] = best
            left, diagonal = best, above
        end
    end
    return row[#b]
end

local n = tonumber(arg[1])
print(string.format("%d", distance(text_of(n, 42), text_of(n, 4711))))
