// Stores to and loads from an array of bytes, with a stride.
#include <stdint.h>

enum { LIMIT = 2000000, ROUNDS = 6 };
static uint8_t prime[LIMIT];

static int64_t sieve(void) {
    int64_t count = 0;
    for (int64_t i = 0; i < LIMIT; i++) prime[i] = 1;
    for (int64_t i = 2; i < LIMIT; i++) {
        if (!prime[i]) continue;
        count++;
        for (int64_t j = i * i; j < LIMIT; j += i) prime[j] = 0;
    }
    return count;
}

int64_t run(void) {
    int64_t sum = 0;
    for (int64_t r = 0; r < ROUNDS; r++) sum += sieve() + r;
    return sum;
}
