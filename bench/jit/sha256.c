// SHA-256 of some bytes: additions and rotations of 32 bits in registers.
#include <stdint.h>

enum { ROUNDS = 4, BLOCK = 64, N_MAX = 20000000 };

static const uint32_t k[BLOCK] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};
static uint8_t text[N_MAX + 80];

static uint32_t rotr(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

// Puts 64 bytes into the state.
static void compress(uint32_t *state, const uint8_t *bytes) {
    uint32_t words[BLOCK];
    for (int i = 0; i < 16; i++) {
        uint32_t word = 0;
        for (int j = 0; j < 4; j++) word = word << 8 | bytes[4 * i + j];
        words[i] = word;
    }
    for (int i = 16; i < BLOCK; i++) {
        uint32_t x = words[i - 15], y = words[i - 2];
        uint32_t s0 = rotr(x, 7) ^ rotr(x, 18) ^ x >> 3, s1 = rotr(y, 17) ^ rotr(y, 19) ^ y >> 10;
        words[i] = words[i - 16] + s0 + s1 + words[i - 7];
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < BLOCK; i++) {
        uint32_t s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25), choice = (e & f) ^ (~e & g);
        uint32_t t1 = k[i] + words[i] + h + s1 + choice;
        uint32_t s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22), majority = (a & b) ^ (a & c) ^ (b & c);
        uint32_t t2 = s0 + majority;
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
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
static int64_t hash_of(uint8_t *text, int64_t length) {
    uint32_t state[8] = {
        0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
    };
    int64_t end = (length + 9 + 63) & -64, bits = length * 8;
    text[length] = 0x80;
    for (int64_t i = length + 1; i < end; i++) text[i] = 0;
    for (int64_t i = 1; i <= 8; i++) {
        text[end - i] = (uint8_t)bits;
        bits >>= 8;
    }
    for (int64_t at = 0; at < end; at += BLOCK) compress(state, text + at);
    int64_t sum = 0;
    for (int i = 0; i < 8; i++) sum += state[i];
    return sum;
}

int64_t run(int64_t n) {
    for (int64_t i = 0; i < n; i++) text[i] = (uint8_t)(i * i + (i >> 3));
    int64_t sum = 0;
    for (int64_t round = 0; round < ROUNDS; round++) {
        text[0] = (uint8_t)round;
        sum += hash_of(text, n);
    }
    return sum;
}
