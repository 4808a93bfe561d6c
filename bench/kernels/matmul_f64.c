// Matrix product of 64-bit floats.
#include <stdint.h>

enum { N = 300 };
static double a[N * N], b[N * N], c[N * N];

int64_t run(void) {
    for (int64_t i = 0; i < N; i++) {
        for (int64_t j = 0; j < N; j++) {
            a[i * N + j] = (double)(i + 1) / (double)(j + 2);
            b[i * N + j] = (double)(j - i) * 0.5;
        }
    }
    for (int64_t i = 0; i < N; i++) {
        for (int64_t j = 0; j < N; j++) {
            double sum = 0.0;
            for (int64_t k = 0; k < N; k++) sum += a[i * N + k] * b[k * N + j];
            c[i * N + j] = sum;
        }
    }
    double total = 0.0;
    for (int64_t i = 0; i < N; i++) total += c[i * N + (N - 1 - i)] + c[i * N + i];
    return (int64_t)(total * 1000.0);
}
