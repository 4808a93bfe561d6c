// Recursion that allocates: each level keeps a node, with that of its caller, and makes eight that die at once.
#include "parts/alloc.h"

enum { GARBAGE = 8 };

typedef struct node {
    struct node *next;
    int64_t value;
} node;

static node *make(node *next, int64_t value) {
    node *n = need(malloc(sizeof *n));
    *n = (node){next, value};
    return n;
}

// The nodes from `first` up to `end` are not needed any more.
static void drop(node *first, const node *end) {
    while (first != end) {
        node *next = first->next;
        free(first);
        first = next;
    }
}

static uint32_t down(int64_t level, node *above) {
    if (level == 0) return 0;
    node *kept = make(above, level), *brief = kept;
    for (int k = 0; k < GARBAGE; k++) brief = make(brief, k);
    uint32_t last = (uint32_t)brief->value;
    drop(brief, kept);
    uint32_t sum = down(level - 1, kept) + (uint32_t)kept->value + last;
    free(kept);
    return sum;
}

int main(int argc, char **argv) {
    int64_t levels = argc > 1 ? atol(argv[1]) : 1, times = argc > 2 ? atol(argv[2]) : 0;
    uint32_t sum = 0;
    for (; times > 0; times--) sum += down(levels, NULL);
    printf("%" PRIu32 "\n", sum);
    return 0;
}
