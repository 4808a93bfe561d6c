"""Trees of arrays: seven levels, four branches each, leaves of random length.

The size is how many are built. Printed are the nodes made and the room in the leaves.
"""
import sys


class Random:
    def __init__(self):
        self.seed = 74_755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65_535
        return self.seed


class Tree:
    def __init__(self, parts):
        self.parts = parts


class Builder:
    def __init__(self):
        self.nodes = 0
        self.random = Random()

    def build(self, depth):
        self.nodes += 1
        if depth == 1:
            return Tree([None] * (self.random.next() % 10 + 1))
        return Tree([self.build(depth - 1) for _ in range(4)])


def room(tree):
    """The room in the leaves."""
    if tree.parts[0] is None:
        return len(tree.parts)
    return sum(room(part) for part in tree.parts)


def main():
    nodes = total = 0
    for _ in range(int(sys.argv[1])):
        builder = Builder()
        total += room(builder.build(7))
        nodes += builder.nodes
    print(nodes, total)


main()
