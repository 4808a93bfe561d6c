-- Recursion that allocates: each level keeps a node, with that of its caller, and makes eight that die at once.
local LEVELS, TIMES, GARBAGE = tonumber(arg[1]), tonumber(arg[2]), 8

local function down(level, above)
    if level == 0 then return 0 end
    local kept = {level, above}
    local short = kept
    for k = 0, GARBAGE - 1 do short = {k, short} end
    local sum = down(level - 1, kept)
    return (sum + kept[1] + short[1]) % 4294967296
end

local sum = 0
for _ = 1, TIMES do sum = (sum + down(LEVELS, nil)) % 4294967296 end
print(string.format("%d", sum))
