// What start-up costs: subtracted from the other kernels.
#include <stdint.h>

int64_t run(int64_t n) {
    (void)n;
    return 0;
}
