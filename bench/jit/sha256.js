// SHA-256 of some bytes: additions and rotations of 32 bits in registers.
const ROUNDS = 4, BLOCK = 64;
const k = new Int32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const words = new Int32Array(BLOCK);

function rotr(x, n) {
    return x >>> n | x << 32 - n;
}

// Puts the 64 bytes from `at` on into the state.
function compress(state, text, at) {
    for (let i = 0; i < 16; i++) {
        let word = 0;
        for (let j = 0; j < 4; j++) word = word << 8 | text[at++];
        words[i] = word;
    }
    for (let i = 16; i < BLOCK; i++) {
        const x = words[i - 15], y = words[i - 2];
        const s0 = rotr(x, 7) ^ rotr(x, 18) ^ x >>> 3, s1 = rotr(y, 17) ^ rotr(y, 19) ^ y >>> 10;
        words[i] = words[i - 16] + s0 + s1 + words[i - 7] | 0;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < BLOCK; i++) {
        const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25), choice = e & f ^ ~e & g;
        const t1 = k[i] + words[i] + h + s1 + choice | 0;
        const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22), majority = a & b ^ a & c ^ b & c;
        const t2 = s0 + majority | 0;
        h = g;
        g = f;
        f = e;
        e = d + t1 | 0;
        d = c;
        c = b;
        b = a;
        a = t1 + t2 | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

// The sum of the eight words of the hash. There is room for the padding behind the bytes.
function hashOf(text, length) {
    const state = new Uint32Array([
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ]);
    const end = Math.ceil((length + 9) / BLOCK) * BLOCK;
    let bits = length * 8;
    text.fill(0, length, end);
    text[length] = 0x80;
    for (let i = 1; i <= 8; i++) {
        text[end - i] = bits % 256;
        bits = Math.floor(bits / 256);
    }
    for (let at = 0; at < end; at += BLOCK) compress(state, text, at);
    let sum = 0;
    for (const word of state) sum += word;
    return sum;
}

const n = Number(process.argv[2]);
const text = new Uint8Array(n + 80);
for (let i = 0; i < n; i++) text[i] = i * i + (i >> 3);
let sum = 0;
for (let round = 0; round < ROUNDS; round++) {
    text[0] = round;
    sum += hashOf(text, n);
}
console.log(sum);
