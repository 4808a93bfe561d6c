// Calls of small functions in a loop. They are kept out of line: the call is what this kernel measures.
#include <stdint.h>

__attribute__((noinline)) static int64_t clip(int64_t x, int64_t low, int64_t high) {
    if (x < low) return low;
    if (x > high) return high;
    return x;
}

__attribute__((noinline)) static int64_t step(int64_t x) {
    x += 7;
    return x > 1000 ? x - 2000 : x;
}

int64_t run(int64_t count) {
    int64_t sum = 0, x = 0;
    for (int64_t i = 0; i < count; i++) {
        x = step(x);
        sum += clip(x, -300, 500);
    }
    return sum;
}
