-- Building, searching and cutting short strings.
local LINES, FIELDS = tonumber(arg[1]), 16
local find, sub, upper, byte = string.find, string.sub, string.upper, string.byte
local total, found, check = 0, 0, 0
for i = 1, LINES do
    local line = ""
    for k = 1, FIELDS do line = line .. "k" .. i * k .. "," end
    total = total + #line
    local at = find(line, "7,k", 1, true)
    if at then found = found + at end
    local part = upper(sub(line, 4, 13))
    if part == "K2,K3,K4,K" then found = found + 1 end
    check = check + byte(part, 6)
end
print(string.format("%d", total * 7 + found * 3 + check))
