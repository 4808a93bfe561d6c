// Product of two matrices of complex numbers, each a block of its own: many small blocks that are freed at once.
#include "parts/alloc.h"

typedef struct {
    int64_t re, im;
} complex_number;

static complex_number *make(int64_t re, int64_t im) {
    complex_number *made = allocate(sizeof *made);
    *made = (complex_number){re, im};
    return made;
}

static complex_number *sum_of(const complex_number *a, const complex_number *b) {
    return make(a->re + b->re, a->im + b->im);
}

static complex_number *product_of(const complex_number *a, const complex_number *b) {
    return make(a->re * b->re - a->im * b->im, a->re * b->im + a->im * b->re);
}

static complex_number ***rows_of(int64_t n) {
    complex_number ***rows = allocate((size_t)n * sizeof *rows);
    for (int64_t i = 0; i < n; i++) rows[i] = allocate((size_t)n * sizeof **rows);
    return rows;
}

static complex_number ***matrix(int64_t n, int64_t factor) {
    complex_number ***rows = rows_of(n);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) rows[i][j] = make((i * factor + j) % 10, (i + j) % factor);
    }
    return rows;
}

static complex_number ***multiply(complex_number ***a, complex_number ***b, int64_t n) {
    complex_number ***rows = rows_of(n);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            complex_number *sum = make(0, 0);
            for (int64_t k = 0; k < n; k++) {
                complex_number *product = product_of(a[i][k], b[k][j]), *before = sum;
                sum = sum_of(sum, product);
                release(product);
                release(before);
            }
            rows[i][j] = sum;
        }
    }
    return rows;
}

int64_t run(int64_t n) {
    complex_number ***c = multiply(matrix(n, 3), matrix(n, 7), n);
    int64_t check = 0;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) check += c[i][j]->re + 3 * c[i][j]->im;
    }
    return check;
}
