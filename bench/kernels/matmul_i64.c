// Matrix product of 64-bit integers: two loads, a multiplication and an addition in the innermost loop.
#include <stdint.h>

enum { N = 300 };
static int64_t a[N * N], b[N * N], c[N * N];

int64_t run(void) {
    for (int64_t i = 0; i < N; i++) {
        for (int64_t j = 0; j < N; j++) {
            a[i * N + j] = i * 3 + j;
            b[i * N + j] = i - j * 2;
        }
    }
    for (int64_t i = 0; i < N; i++) {
        for (int64_t j = 0; j < N; j++) {
            int64_t sum = 0;
            for (int64_t k = 0; k < N; k++) sum += a[i * N + k] * b[k * N + j];
            c[i * N + j] = sum;
        }
    }
    int64_t total = 0;
    for (int64_t i = 0; i < N; i++) total += c[i * N + (N - 1 - i)] + c[i * N + i];
    return total;
}
