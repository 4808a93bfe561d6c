# Float arithmetic with a data-dependent exit; no memory.
import sys


def main():
    SIZE, STEPS = int(sys.argv[1]), 150
    total = 0
    for py in range(SIZE):
        y0 = py * (2.4 / SIZE) - 1.2
        for px in range(SIZE):
            x0 = px * (3.0 / SIZE) - 2.2
            x = y = 0.0
            n = 0
            while n < STEPS:
                xx, yy = x * x, y * y
                if xx + yy > 4.0:
                    break
                y = 2.0 * x * y + y0
                x = xx - yy + x0
                n += 1
            total += n
    print(total)


main()
