-- Bytes to base64 and back: shifts, masks and tables. The bytes are in tables of numbers.
local band, bor, lshift, rshift = bit.band, bit.bor, bit.lshift, bit.rshift
local ROUNDS = 16
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local digits, values = {}, {}
for i = 0, 63 do
    digits[i] = alphabet:byte(i + 1)
    values[digits[i]] = i
end

-- `to` has four bytes for each three of `from`; n, the length of `from`, is a multiple of three.
local function encode(from, to, n)
    local at = 0
    for i = 0, n - 1, 3 do
        local group = bor(lshift(from[i], 16), lshift(from[i + 1], 8), from[i + 2])
        to[at] = digits[rshift(group, 18)]
        to[at + 1] = digits[band(rshift(group, 12), 63)]
        to[at + 2] = digits[band(rshift(group, 6), 63)]
        to[at + 3] = digits[band(group, 63)]
        at = at + 4
    end
end

-- The way back; n is the length of `from`.
local function decode(from, to, n)
    local at = 0
    for i = 0, n - 1, 4 do
        local group = 0
        for k = 0, 3 do group = bor(lshift(group, 6), values[from[i + k]]) end
        to[at] = rshift(group, 16)
        to[at + 1] = band(rshift(group, 8), 255)
        to[at + 2] = band(group, 255)
        at = at + 3
    end
end

local n = tonumber(arg[1])
local text, encoded, decoded = {}, {}, {}
for i = 0, n - 1 do text[i] = (i * i + rshift(i, 3)) % 256 end
local sum = 0
for round = 0, ROUNDS - 1 do
    text[0] = round
    encode(text, encoded, n)
    decode(encoded, decoded, n / 3 * 4)
    for i = round, n - 1, 7 do sum = sum + encoded[i] + decoded[i] end
end
print(string.format("%d", sum))
