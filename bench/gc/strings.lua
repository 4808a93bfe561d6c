-- Strings: lines put together from small pieces, split, joined again, and all of them collected.
local LINES, FIELDS = tonumber(arg[1]), 16
local find, sub, concat = string.find, string.sub, table.concat

local function split(text, separator)
    local parts, n, from = {}, 0, 1
    while true do
        local at = find(text, separator, from, true)
        n = n + 1
        if not at then
            parts[n] = sub(text, from)
            return parts
        end
        parts[n] = sub(text, from, at - 1)
        from = at + 1
    end
end

local pieces, sum = {}, 0
for i = 1, LINES do
    local line = ""
    for k = 1, FIELDS do
        line = line .. "k"
        line = line .. i * k
        line = line .. ","
    end
    local parts = split(line, ",")
    sum = sum + #parts
    pieces[#pieces + 1] = concat(parts, ";")
end
local text = concat(pieces)
local length = #text
sum = sum + length + string.byte(text, (length - length % 2) / 2 + 1)
print(string.format("%d", sum))
