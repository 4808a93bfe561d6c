-- Pauses: a large live set, of which little changes, and a small rate of allocation.
local LISTS, STEPS, LENGTH = tonumber(arg[1]), tonumber(arg[2]), 16
local clock = os.clock
local heads = {}
for i = 0, LISTS - 1 do
    local head = nil
    for k = 0, LENGTH - 1 do head = {i + k, head} end
    heads[i + 1] = head
end
local random, sum, gaps, before = 1, 0, {}, clock()
for i = 0, STEPS - 1 do
    random = random * 48271 % 2147483647
    local at = random % LISTS + 1
    local head = heads[at]
    local short = {i, head}
    local value = short[2][1]
    sum = sum + value
    if i % 8 == 0 then heads[at] = {value + 1, head[2]} end
    if i % 16 == 0 then
        local now = clock()
        if now - before >= 5e-5 then gaps[#gaps + 1] = string.format("%.0f", (now - before) * 1e9) end
        before = now
    end
end
print(string.format("%d", sum))
print("gaps " .. table.concat(gaps, " "))
