// Matrix product of 64-bit floats.
#include <stdint.h>

enum { N_MAX = 600 };
static double a[N_MAX * N_MAX], b[N_MAX * N_MAX], c[N_MAX * N_MAX];

int64_t run(int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            a[i * n + j] = (double)(i + 1) / (double)(j + 2);
            b[i * n + j] = (double)(j - i) * 0.5;
        }
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            double sum = 0.0;
            for (int64_t k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
    }
    double total = 0.0;
    for (int64_t i = 0; i < n; i++) total += c[i * n + (n - 1 - i)] + c[i * n + i];
    return (int64_t)(total * 1000.0);
}
