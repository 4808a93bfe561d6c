"""Containers of ints and of floats: a heap written here, and lists and maps.

The size is how many values each takes. Printed are sums of what comes out.
"""
import math
import sys


class Random:
    def __init__(self):
        self.seed = 74_755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65_535
        return self.seed

    def fraction(self):
        """A number from 0 to 1."""
        return self.next() / 65_536


class Heap:
    """Gives the smallest of its items first."""

    def __init__(self):
        self.items = []

    def is_empty(self):
        return not self.items

    def push(self, item):
        items = self.items
        items.append(item)
        at = len(items) - 1
        while at > 0:
            parent = (at - 1) // 2
            if items[parent] <= items[at]:
                break
            items[at], items[parent] = items[parent], items[at]
            at = parent

    def pop(self):
        top = self.items[0]
        last = self.items.pop()
        if self.items:
            self.items[0] = last
            self.sink()
        return top

    def sink(self):
        items = self.items
        at = 0
        while True:
            child = 2 * at + 1
            if child >= len(items):
                break
            if child + 1 < len(items) and items[child + 1] < items[child]:
                child += 1
            if items[at] <= items[child]:
                break
            items[at], items[child] = items[child], items[at]
            at = child


def of_ints(size, random):
    heap = Heap()
    for _ in range(size):
        heap.push(random.next() * 65_536 + random.next())
    total = 0
    while not heap.is_empty():
        total = (total * 31 + heap.pop()) % 1_000_003
    counts = {}
    for i in range(size):
        key = random.next() % 5000
        counts[key] = counts.get(key, 0) + i
    for key, count in counts.items():
        total += (key + 1) * (count % 1000)
    numbers = []
    for _ in range(size):
        numbers.append(random.next())
    doubled = [n * 2 for n in numbers]
    return total + sum([n for n in doubled if n % 3 == 0])


def of_floats(size, random):
    heap = Heap()
    for _ in range(size):
        heap.push(random.fraction())
    total = 0.0
    while not heap.is_empty():
        total = total * 0.5 + heap.pop()
    total = float(math.floor(total * 1024))
    totals = {}
    for _ in range(size):
        key = random.next() % 5000
        totals[key] = totals.get(key, 0.0) + random.fraction()
    for key, value in totals.items():
        total += value * (key % 4)
    numbers = []
    for _ in range(size):
        numbers.append(random.fraction())
    doubled = [x * 2 for x in numbers]
    return total + sum([x for x in doubled if x > 0.5])


def main():
    size = int(sys.argv[1])
    random = Random()
    ints = of_ints(size, random)
    floats = of_floats(size, random)
    print(ints, int(floats))


main()
