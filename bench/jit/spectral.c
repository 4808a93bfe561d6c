// Spectral norm of an infinite matrix, cut at the size: calls of a small function, division of floats.
#include <stdint.h>

enum { STEPS = 10, N_MAX = 10000 };

static double u[N_MAX], v[N_MAX], between[N_MAX];

// The element of the matrix at a row and a column.
static double element(int64_t row, int64_t column) {
    return 1.0 / (double)((row + column) * (row + column + 1) / 2 + row + 1);
}

static void multiply(int64_t n, const double *v, double *product) {
    for (int64_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (int64_t j = 0; j < n; j++) sum += element(i, j) * v[j];
        product[i] = sum;
    }
}

static void multiply_transposed(int64_t n, const double *v, double *product) {
    for (int64_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (int64_t j = 0; j < n; j++) sum += element(j, i) * v[j];
        product[i] = sum;
    }
}

int64_t run(int64_t n) {
    for (int64_t i = 0; i < n; i++) u[i] = 1.0;
    for (int64_t step = 0; step < STEPS; step++) {
        multiply(n, u, between);
        multiply_transposed(n, between, v);
        multiply(n, v, between);
        multiply_transposed(n, between, u);
    }
    double uv = 0.0, vv = 0.0;
    for (int64_t i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    return (int64_t)(__builtin_sqrt(uv / vv) * 1e9);
}
