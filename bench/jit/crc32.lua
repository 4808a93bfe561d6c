-- CRC-32 of some bytes by a table of 256 numbers: a chain of dependent loads. The bytes are in a table of numbers.
local band, bxor, bnot, rshift = bit.band, bit.bxor, bit.bnot, bit.rshift
local ROUNDS = 16

local function make_table()
    local made = {}
    for i = 0, 255 do
        local c = i
        for _ = 1, 8 do c = band(c, 1) == 1 and bxor(rshift(c, 1), 0xedb88320) or rshift(c, 1) end
        made[i] = c
    end
    return made
end

local function crc_of(text, n, numbers)
    local crc = -1
    for i = 0, n - 1 do crc = bxor(rshift(crc, 8), numbers[band(bxor(crc, text[i]), 255)]) end
    return bnot(crc) % 4294967296
end

local n = tonumber(arg[1])
local numbers, text = make_table(), {}
for i = 0, n - 1 do text[i] = (i * i + rshift(i, 3)) % 256 end
local sum = 0
for round = 0, ROUNDS - 1 do
    text[0] = round
    sum = sum + crc_of(text, n, numbers)
end
print(string.format("%d", sum))
