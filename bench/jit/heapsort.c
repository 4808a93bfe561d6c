// Sorting an array in place as a heap: loads that jump about.
#include <stdint.h>

enum { N_MAX = 4000000 };

static int64_t a[N_MAX];

// Numbers that follow from each other without an order.
static void fill(int64_t n) {
    int64_t x = 42;
    for (int64_t i = 0; i < n; i++) {
        x = x * 48271 % 2147483647;
        a[i] = x;
    }
}

// A number that depends on all numbers and their order.
static int64_t checksum(int64_t n) {
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) sum = (sum * 31 + a[i]) % 1000000007;
    return sum;
}

// Moves the element at `root` down to its place among the first `size` elements.
static void sift(int64_t *a, int64_t root, int64_t size) {
    int64_t x = a[root];
    for (int64_t child = 2 * root + 1; child < size; child = 2 * root + 1) {
        if (child + 1 < size && a[child + 1] > a[child]) child++;
        if (x >= a[child]) break;
        a[root] = a[child];
        root = child;
    }
    a[root] = x;
}

static void heapsort(int64_t *a, int64_t n) {
    for (int64_t root = n / 2 - 1; root >= 0; root--) sift(a, root, n);
    for (int64_t last = n - 1; last > 0; last--) {
        int64_t x = a[0];
        a[0] = a[last];
        a[last] = x;
        sift(a, 0, last);
    }
}

int64_t run(int64_t n) {
    fill(n);
    heapsort(a, n);
    return checksum(n);
}
