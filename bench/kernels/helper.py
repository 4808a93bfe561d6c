# Calls of small functions in a loop.
import sys

COUNT = int(sys.argv[1])


def clip(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def step(x):
    x += 7
    return x - 2000 if x > 1000 else x


def main():
    total = x = 0
    for _ in range(COUNT):
        x = step(x)
        total += clip(x, -300, 500)
    print(total)


main()
