"""All permutations of six numbers, made by exchanging two of them.

The size is how often. Printed is how many calls that takes.
"""
import sys


class Permutations:
    def __init__(self):
        self.calls = 0
        self.values = list(range(6))

    def permute(self, n):
        """Makes all permutations of the first n values."""
        self.calls += 1
        if n == 0:
            return
        self.permute(n - 1)
        for i in reversed(range(n)):
            self.swap(n - 1, i)
            self.permute(n - 1)
            self.swap(n - 1, i)

    def swap(self, i, j):
        values = self.values
        values[i], values[j] = values[j], values[i]


def main():
    total = 0
    for _ in range(int(sys.argv[1])):
        permutations = Permutations()
        permutations.permute(6)
        total += permutations.calls
    print(total)


main()
