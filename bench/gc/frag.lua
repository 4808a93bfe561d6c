-- Fragmentation: byte strings of all sizes from 16 B to almost 64 KiB in a table of slots.
local SLOTS, STEPS = tonumber(arg[1]), tonumber(arg[2])
local char, rep, byte = string.char, string.rep, string.byte
local fillings = {}
for tag = 0, 255 do fillings[tag] = rep(char(tag), 16) end
local slots = {}
for i = 1, SLOTS do slots[i] = false end
local random, sum, alive, alive_max = 1, 0, 0, 0
for i = 0, STEPS - 1 do
    random = random * 48271 % 2147483647
    local most = random % SLOTS + 1
    random = random * 48271 % 2147483647
    local slot = random % most + 1
    random = random * 48271 % 2147483647
    local least = 1
    for _ = 1, random % 12 do least = least + least end
    random = random * 48271 % 2147483647
    local units = random % least + least
    local size = units * 16
    local old = slots[slot]
    if old then
        alive = alive - #old
        sum = sum + byte(old, 1) + byte(old, -1)
    end
    slots[slot] = rep(fillings[i % 256], units)
    alive = alive + size
    if alive > alive_max then alive_max = alive end
end
print(string.format("%d", sum))
print(string.format("%d", alive_max))
