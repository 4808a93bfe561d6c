// A linked list of many elements: built, summed, turned round in place, thinned out, and copied.
#include "parts/alloc.h"

typedef struct node {
    struct node *next;
    int64_t value;
} node;

static node *make(node *next, int64_t value) {
    node *n = allocate(sizeof *n);
    *n = (node){next, value};
    return n;
}

static node *build(int64_t size) {
    node *head = NULL;
    for (int64_t i = 0; i < size; i++) head = make(head, i);
    return head;
}

static int64_t sum_of(const node *head) {
    uint32_t sum = 0;
    for (; head; head = head->next) sum = sum * 31 + (uint32_t)head->value;
    return sum;
}

static node *reverse(node *head) {
    node *done = NULL;
    while (head) {
        node *rest = head->next;
        head->next = done;
        done = head;
        head = rest;
    }
    return done;
}

static void thin(node *head) {
    while (head && head->next) {
        node *out = head->next;
        head->next = out->next;
        head = head->next;
        release(out);
    }
}

static node *doubled(const node *head) {
    node *copy = NULL;
    for (; head; head = head->next) copy = make(copy, head->value + head->value);
    return copy;
}

int64_t run(int64_t size) {
    node *head = build(size);
    int64_t sum = sum_of(head);
    head = reverse(head);
    sum += sum_of(head);
    thin(head);
    node *copy = doubled(head);
    sum += sum_of(copy);
    sum += sum_of(head);
    return sum;
}
