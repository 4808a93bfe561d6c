// Functions with captured values, made in a loop and called through a table.
#include "parts/alloc.h"

enum { FUNCTIONS = 60, MODULUS = 1048573 };

// A function and what it has captured.
typedef struct closure {
    int64_t (*code)(const struct closure *self, int64_t x);
    int64_t captured[];
} closure;

static int64_t add_to(const closure *self, int64_t x) {
    return (x + self->captured[0]) % MODULUS;
}

static int64_t scale(const closure *self, int64_t x) {
    return (x * self->captured[0] + self->captured[1]) % MODULUS;
}

static int64_t take_from(const closure *self, int64_t x) {
    int64_t limit = self->captured[0];
    return x < limit ? limit - x : x - limit;
}

// A function that keeps `k` and what follows from it.
static closure *maker(int64_t kind, int64_t k) {
    closure *made = allocate(sizeof *made + 2 * sizeof made->captured[0]);
    made->code = kind == 0 ? add_to : kind == 1 ? scale : take_from;
    made->captured[0] = kind == 2 ? k * 1000 : k;
    made->captured[1] = k + 7;
    return made;
}

int64_t run(int64_t rounds) {
    static closure *functions[FUNCTIONS];
    for (int64_t i = 0; i < FUNCTIONS; i++) functions[i] = maker(i % 3, i + 3);
    int64_t sum = 0, x = 1;
    for (int64_t round = 0; round < rounds; round++) {
        for (int64_t i = 0; i < FUNCTIONS; i++) x = functions[i]->code(functions[i], x);
        sum += x;
    }
    return sum;
}
