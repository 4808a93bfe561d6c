// CRC-32 of some bytes by a table of 256 numbers: a chain of dependent loads.
#include <stdint.h>

enum { ROUNDS = 16, N_MAX = 20000000 };

static uint32_t table[256];
static uint8_t text[N_MAX];

static void make_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        table[i] = c;
    }
}

static uint32_t crc_of(const uint8_t *text, int64_t n) {
    uint32_t crc = 0xffffffffu;
    for (int64_t i = 0; i < n; i++) crc = crc >> 8 ^ table[(crc ^ text[i]) & 255];
    return crc ^ 0xffffffffu;
}

int64_t run(int64_t n) {
    make_table();
    for (int64_t i = 0; i < n; i++) text[i] = (uint8_t)(i * i + (i >> 3));
    int64_t sum = 0;
    for (int64_t round = 0; round < ROUNDS; round++) {
        text[0] = (uint8_t)round;
        sum += crc_of(text, n);
    }
    return sum;
}
