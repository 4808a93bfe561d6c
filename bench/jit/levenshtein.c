// The distance of two texts by a table of one row: loads, minima, a chain of dependences.
#include <stdint.h>

enum { N_MAX = 100000 };

static uint8_t a[N_MAX], b[N_MAX];
static int64_t row[N_MAX + 1];

// A text of four letters, from a seed.
static void make_text(uint8_t *text, int64_t n, int64_t seed) {
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 48271 % 2147483647;
        text[i] = (uint8_t)('a' + seed % 4);
    }
}

static int64_t min(int64_t x, int64_t y) {
    return x < y ? x : y;
}

static int64_t distance(int64_t n) {
    for (int64_t j = 0; j <= n; j++) row[j] = j;
    for (int64_t i = 0; i < n; i++) {
        int64_t diagonal = i, left = i + 1;
        row[0] = left;
        for (int64_t j = 0; j < n; j++) {
            int64_t above = row[j + 1], best = diagonal;
            if (b[j] != a[i]) best = min(min(best, above), left) + 1;
            row[j + 1] = left = best;
            diagonal = above;
        }
    }
    return row[n];
}

int64_t run(int64_t n) {
    make_text(a, n, 42);
    make_text(b, n, 4711);
    return distance(n);
}
