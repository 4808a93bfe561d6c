// Stores to and loads from an array of bytes, with a stride.
#include <stdint.h>

enum { LIMIT_MAX = 20000000, ROUNDS = 6 };
static uint8_t prime[LIMIT_MAX];

static int64_t sieve(int64_t limit) {
    int64_t count = 0;
    for (int64_t i = 0; i < limit; i++) prime[i] = 1;
    for (int64_t i = 2; i < limit; i++) {
        if (!prime[i]) continue;
        count++;
        for (int64_t j = i * i; j < limit; j += i) prime[j] = 0;
    }
    return count;
}

int64_t run(int64_t limit) {
    int64_t sum = 0;
    for (int64_t r = 0; r < ROUNDS; r++) sum += sieve(limit) + r;
    return sum;
}
