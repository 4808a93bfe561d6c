// Binary trees: many short-lived ones beside one that lives for the whole run.
#include "parts/alloc.h"

enum { DEPTH_MIN = 4 };

typedef struct node {
    struct node *left, *right;
} node;

static node *make(int depth) {
    node *n = need(malloc(sizeof *n));
    n->left = depth == 0 ? NULL : make(depth - 1);
    n->right = depth == 0 ? NULL : make(depth - 1);
    return n;
}

static long count(const node *n) {
    return n->left ? 1 + count(n->left) + count(n->right) : 1;
}

static void drop(node *n) {
    if (n->left) {
        drop(n->left);
        drop(n->right);
    }
    free(n);
}

int main(int argc, char **argv) {
    int depth_max = argc > 1 ? atoi(argv[1]) : 0;
    node *tree = make(depth_max + 1);
    long sum = count(tree);
    drop(tree);
    node *long_lived = make(depth_max);
    for (int depth = DEPTH_MIN; depth <= depth_max; depth += 2) {
        for (long times = 1L << (depth_max - depth + DEPTH_MIN); times > 0; times--) {
            tree = make(depth);
            sum += count(tree);
            drop(tree);
        }
    }
    sum += count(long_lived);
    drop(long_lived);
    printf("%ld\n", sum);
    return 0;
}
