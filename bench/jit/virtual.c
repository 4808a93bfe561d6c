// Methods of three kinds of objects, called in an order that cannot be foretold.
#include "parts/alloc.h"

enum { SHAPES = 1000 };

typedef struct shape shape;

typedef struct {
    int64_t (*area)(const shape *self, int64_t by);
} methods;

struct shape {
    const methods *methods;
};

typedef struct {
    shape base;
    int64_t side;
} square;

typedef struct {
    shape base;
    int64_t width, height;
} rectangle;

static int64_t square_area(const shape *self, int64_t by) {
    int64_t side = ((const square *)self)->side + by;
    return side * side;
}

static int64_t rectangle_area(const shape *self, int64_t by) {
    const rectangle *r = (const rectangle *)self;
    return (r->width + by) * r->height;
}

static int64_t triangle_area(const shape *self, int64_t by) {
    const rectangle *t = (const rectangle *)self;
    return t->width * (t->height + by) >> 1;
}

static const methods of_square = {square_area}, of_rectangle = {rectangle_area}, of_triangle = {triangle_area};

// A shape with these sizes, of which kind they say too.
static shape *shape_of(int64_t kind, int64_t a, int64_t b) {
    if (kind == 0) {
        square *s = allocate(sizeof *s);
        *s = (square){{&of_square}, a};
        return &s->base;
    }
    rectangle *r = allocate(sizeof *r);
    *r = (rectangle){{kind == 1 ? &of_rectangle : &of_triangle}, a, b};
    return &r->base;
}

int64_t run(int64_t rounds) {
    static shape *shapes[SHAPES];
    int64_t x = 42, sum = 0;
    for (int64_t i = 0; i < SHAPES; i++) {
        x = x * 48271 % 2147483647;
        shapes[i] = shape_of(x % 3, x % 97, x % 89);
    }
    for (int64_t round = 0; round < rounds; round++) {
        for (int64_t i = 0; i < SHAPES; i++) sum += shapes[i]->methods->area(shapes[i], round & 7);
    }
    return sum;
}
