// Deep recursion: Ackermann's function of 3 and 5 to 9 in turn.
#include <stdint.h>

enum { FIRST = 5 };

static int64_t ackermann(int64_t m, int64_t n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

int64_t run(int64_t rounds) {
    int64_t sum = 0;
    for (int64_t round = 0; round < rounds; round++) sum += ackermann(3, round % 5 + FIRST);
    return sum;
}
