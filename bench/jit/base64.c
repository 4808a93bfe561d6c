// Bytes to base64 and back: shifts, masks and tables.
#include <stdint.h>

enum { ROUNDS = 16, N_MAX = 6000000 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t values[256], text[N_MAX], encoded[N_MAX / 3 * 4], decoded[N_MAX];

// `to` has four bytes for each three of `from`; n, the length of `from`, is a multiple of three.
static void encode(const uint8_t *from, uint8_t *to, int64_t n) {
    int64_t at = 0;
    for (int64_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)from[i] << 16 | (uint32_t)from[i + 1] << 8 | from[i + 2];
        to[at++] = (uint8_t)alphabet[group >> 18];
        to[at++] = (uint8_t)alphabet[group >> 12 & 63];
        to[at++] = (uint8_t)alphabet[group >> 6 & 63];
        to[at++] = (uint8_t)alphabet[group & 63];
    }
}

// The way back; n is the length of `from`.
static void decode(const uint8_t *from, uint8_t *to, int64_t n) {
    int64_t at = 0;
    for (int64_t i = 0; i < n; i += 4) {
        uint32_t group = 0;
        for (int64_t k = 0; k < 4; k++) group = group << 6 | values[from[i + k]];
        to[at++] = (uint8_t)(group >> 16);
        to[at++] = (uint8_t)(group >> 8);
        to[at++] = (uint8_t)group;
    }
}

int64_t run(int64_t n) {
    for (int64_t i = 0; i < 64; i++) values[(uint8_t)alphabet[i]] = (uint8_t)i;
    for (int64_t i = 0; i < n; i++) text[i] = (uint8_t)(i * i + (i >> 3));
    int64_t sum = 0;
    for (int64_t round = 0; round < ROUNDS; round++) {
        text[0] = (uint8_t)round;
        encode(text, encoded, n);
        decode(encoded, decoded, n / 3 * 4);
        for (int64_t i = round; i < n; i += 7) sum += encoded[i] + decoded[i];
    }
    return sum;
}
