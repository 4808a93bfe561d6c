// Float arithmetic with a data-dependent exit; no memory.
#include <stdint.h>

enum { STEPS = 150 };

int64_t run(int64_t size) {
    int64_t total = 0;
    for (int64_t py = 0; py < size; py++) {
        double y0 = (double)py * (2.4 / (double)size) - 1.2;
        for (int64_t px = 0; px < size; px++) {
            double x0 = (double)px * (3.0 / (double)size) - 2.2;
            double x = 0.0, y = 0.0;
            int64_t n = 0;
            while (n < STEPS) {
                double xx = x * x, yy = y * y;
                if (xx + yy > 4.0) break;
                y = 2.0 * x * y + y0;
                x = xx - yy + x0;
                n++;
            }
            total += n;
        }
    }
    return total;
}
