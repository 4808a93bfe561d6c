// Binary trees: many short-lived ones beside one that lives for the whole run.
#include "parts/alloc.h"

enum { DEPTH_MIN = 4 };

typedef struct node {
    struct node *left, *right;
} node;

static node *make(int64_t depth) {
    node *n = allocate(sizeof *n);
    n->left = depth == 0 ? NULL : make(depth - 1);
    n->right = depth == 0 ? NULL : make(depth - 1);
    return n;
}

static int64_t count(const node *n) {
    return n->left ? 1 + count(n->left) + count(n->right) : 1;
}

static void drop(node *n) {
    if (n->left) {
        drop(n->left);
        drop(n->right);
    }
    release(n);
}

int64_t run(int64_t depth_max) {
    node *tree = make(depth_max + 1);
    int64_t sum = count(tree);
    drop(tree);
    node *long_lived = make(depth_max);
    for (int64_t depth = DEPTH_MIN; depth <= depth_max; depth += 2) {
        for (int64_t times = (int64_t)1 << (depth_max - depth + DEPTH_MIN); times > 0; times--) {
            tree = make(depth);
            sum += count(tree);
            drop(tree);
        }
    }
    sum += count(long_lived);
    drop(long_lived);
    return sum;
}
