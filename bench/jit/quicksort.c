// Sorting an array in place by parts around its middle element (Hoare): branches that cannot be foretold.
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

static void quicksort(int64_t *a, int64_t first, int64_t last) {
    if (first >= last) return;
    int64_t pivot = a[(first + last) / 2], low = first, high = last;
    while (low <= high) {
        while (a[low] < pivot) low++;
        while (a[high] > pivot) high--;
        if (low > high) break;
        int64_t x = a[low];
        a[low++] = a[high];
        a[high--] = x;
    }
    quicksort(a, first, high);
    quicksort(a, low, last);
}

int64_t run(int64_t n) {
    fill(n);
    quicksort(a, 0, n - 1);
    return checksum(n);
}
