// Matrix product of 64-bit integers: two loads, a multiplication and an addition in the innermost loop.
#include <stdint.h>

enum { N_MAX = 600 };
static int64_t a[N_MAX * N_MAX], b[N_MAX * N_MAX], c[N_MAX * N_MAX];

int64_t run(int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            a[i * n + j] = i * 3 + j;
            b[i * n + j] = i - j * 2;
        }
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            int64_t sum = 0;
            for (int64_t k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
    }
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++) total += c[i * n + (n - 1 - i)] + c[i * n + i];
    return total;
}
