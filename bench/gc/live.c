// Pauses: a large live set, of which little changes, and a small rate of allocation.
#include <time.h>

#include "parts/alloc.h"

enum { LENGTH = 16, GAPS_MAX = 100000 };

typedef struct node {
    struct node *next;
    int64_t value;
} node;

static node *make(node *next, int64_t value) {
    node *n = need(malloc(sizeof *n));
    *n = (node){next, value};
    return n;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

// Keeps the short-lived node in memory: the compiler would take it apart.
static node *volatile brief;

int main(int argc, char **argv) {
    int64_t lists = argc > 1 ? atol(argv[1]) : 1, steps = argc > 2 ? atol(argv[2]) : 0;
    node **heads = need(malloc((size_t)lists * sizeof *heads));
    for (int64_t i = 0; i < lists; i++) {
        node *head = NULL;
        for (int64_t k = 0; k < LENGTH; k++) head = make(head, i + k);
        heads[i] = head;
    }
    static int64_t gaps[GAPS_MAX];
    int64_t count = 0, random = 1, sum = 0, before = now();
    for (int64_t i = 0; i < steps; i++) {
        random = random * 48271 % 2147483647;
        int64_t at = random % lists;
        node *head = heads[at];
        brief = make(head, i);
        int64_t value = brief->next->value;
        free(brief);
        sum += value;
        if (i % 8 == 0) {
            heads[at] = make(head->next, value + 1);
            free(head);
        }
        if (i % 16 == 0) {
            int64_t t = now();
            if (t - before >= 50000 && count < GAPS_MAX) gaps[count++] = t - before;
            before = t;
        }
    }
    printf("%" PRId64 "\ngaps", sum);
    for (int64_t i = 0; i < count; i++) printf(" %" PRId64, gaps[i]);
    puts("");
    return 0;
}
