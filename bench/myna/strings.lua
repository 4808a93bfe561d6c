-- Lines that are built, joined, taken apart, searched and changed.
--
-- The size is the number of lines. Printed are sums of lengths and of what was found.

local function build(i)
    local stars = ""
    for _ = 1, i % 7 do stars = stars .. "*" end
    return "order " .. i .. " of " .. i * 7 % 1000 .. " pieces " .. stars
end

local function split(text, separator)
    local parts = {}
    local from = 1
    while true do
        local first, last = text:find(separator, from, true)
        if not first then break end
        parts[#parts + 1] = text:sub(from, first - 1)
        from = last + 1
    end
    parts[#parts + 1] = text:sub(from)
    return parts
end

local size = tonumber(arg[1])
local lines = {}
for i = 0, size - 1 do lines[i + 1] = build(i) end
local text = table.concat(lines, "\n")
local length, found = 0, 0
for _, line in ipairs(split(text, "\n")) do
    local fields = split(line, " ")
    if fields[2]:sub(-1) == "7" then found = found + 1 end
    if line:find("**", 1, true) then found = found + 1 end
    found = found + line:find("pieces", 1, true) - 1
    local changed = line:gsub("order", "invoice"):upper()
    length = length + #changed + tonumber(fields[4])
end
print(#text .. " " .. length .. " " .. found)
