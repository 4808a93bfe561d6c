// All orders of a few numbers, and how often their beginnings are to be turned round: small arrays in cache.
#include <stdint.h>

enum { N_MAX = 16 };

static int64_t order[N_MAX], work[N_MAX], counts[N_MAX];

// How many turns it takes until the first number is 0.
static int64_t flips_of(int64_t n) {
    for (int64_t i = 0; i < n; i++) work[i] = order[i];
    int64_t flips = 0;
    for (int64_t first = work[0]; first != 0; first = work[0]) {
        for (int64_t low = 0, high = first; low < high; low++, high--) {
            int64_t x = work[low];
            work[low] = work[high];
            work[high] = x;
        }
        flips++;
    }
    return flips;
}

// Makes the next order: 1, or 0 when there is none.
static int64_t next_order(int64_t n) {
    for (int64_t r = 1; r < n; r++) {
        int64_t first = order[0];
        for (int64_t i = 0; i < r; i++) order[i] = order[i + 1];
        order[r] = first;
        if (--counts[r] > 0) return 1;
        counts[r] = r + 1;
    }
    return 0;
}

int64_t run(int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        order[i] = i;
        counts[i] = i + 1;
    }
    int64_t most = 0, check = 0, even = 1;
    do {
        int64_t flips = flips_of(n);
        if (flips > most) most = flips;
        check += even ? flips : -flips;
        even = !even;
    } while (next_order(n));
    return check * 1000 + most;
}
