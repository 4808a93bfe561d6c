-- SHA-256 of some bytes: additions and rotations of 32 bits. The bytes are in a table of numbers.
local band, bor, bxor, bnot = bit.band, bit.bor, bit.bxor, bit.bnot
local lshift, rshift, rotr, tobit = bit.lshift, bit.rshift, bit.ror, bit.tobit
local ROUNDS, BLOCK = 4, 64
local k = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
local words = {}

-- Puts the 64 bytes from `at` on into the state.
local function compress(state, text, at)
    for i = 1, 16 do
        words[i] = bor(lshift(text[at], 24), lshift(text[at + 1], 16), lshift(text[at + 2], 8), text[at + 3])
        at = at + 4
    end
    for i = 17, BLOCK do
        local x, y = words[i - 15], words[i - 2]
        local s0 = bxor(rotr(x, 7), rotr(x, 18), rshift(x, 3))
        local s1 = bxor(rotr(y, 17), rotr(y, 19), rshift(y, 10))
        words[i] = tobit(words[i - 16] + s0 + s1 + words[i - 7])
    end
    local a, b, c, d = state[1], state[2], state[3], state[4]
    local e, f, g, h = state[5], state[6], state[7], state[8]
    for i = 1, BLOCK do
        local s1 = bxor(rotr(e, 6), rotr(e, 11), rotr(e, 25))
        local choice = bxor(band(e, f), band(bnot(e), g))
        local t1 = tobit(k[i] + words[i] + h + s1 + choice)
        local s0 = bxor(rotr(a, 2), rotr(a, 13), rotr(a, 22))
        local majority = bxor(band(a, b), band(a, c), band(b, c))
        h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + s0 + majority)
    end
    state[1], state[2] = tobit(state[1] + a), tobit(state[2] + b)
    state[3], state[4] = tobit(state[3] + c), tobit(state[4] + d)
    state[5], state[6] = tobit(state[5] + e), tobit(state[6] + f)
    state[7], state[8] = tobit(state[7] + g), tobit(state[8] + h)
end

-- The sum of the eight words of the hash.
local function hash_of(text, length)
    local state = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    }
    local last, bits = math.ceil((length + 9) / BLOCK) * BLOCK, length * 8
    text[length] = 0x80
    for i = length + 1, last - 1 do text[i] = 0 end
    for i = 1, 8 do
        text[last - i] = bits % 256
        bits = math.floor(bits / 256)
    end
    for at = 0, last - 1, BLOCK do compress(state, text, at) end
    local sum = 0
    for i = 1, 8 do sum = sum + state[i] % 4294967296 end
    return sum
end

local n = tonumber(arg[1])
local text = {}
for i = 0, n - 1 do text[i] = (i * i + rshift(i, 3)) % 256 end
local sum = 0
for round = 0, ROUNDS - 1 do
    text[0] = round
    sum = sum + hash_of(text, n)
end
print(string.format("%d", sum))
