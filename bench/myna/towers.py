"""The towers of Hanoi with 13 disks, each pile a linked list.

The size is how often they are moved. Printed is the number of moves.
"""
import sys


class Disk:
    def __init__(self, size):
        self.size = size
        self.below = None


class Towers:
    def __init__(self):
        self.moves = 0
        self.piles = [None, None, None]

    def build(self, pile, disks):
        """Builds a pile of so many disks."""
        for size in reversed(range(disks)):
            self.push(Disk(size), pile)

    def transfer(self, disks, start, to):
        """Moves so many disks from one pile to another."""
        if disks == 1:
            self.move_top(start, to)
            return
        other = 3 - start - to
        self.transfer(disks - 1, start, other)
        self.move_top(start, to)
        self.transfer(disks - 1, other, to)

    def move_top(self, start, to):
        self.push(self.pop(start), to)
        self.moves += 1

    def push(self, disk, pile):
        top = self.piles[pile]
        if top is not None and disk.size >= top.size:
            raise ValueError("a large disk on a small one")
        disk.below = top
        self.piles[pile] = disk

    def pop(self, pile):
        top = self.piles[pile]
        if top is None:
            raise ValueError("the pile is empty")
        self.piles[pile] = top.below
        top.below = None
        return top


def main():
    total = 0
    for _ in range(int(sys.argv[1])):
        towers = Towers()
        towers.build(0, 13)
        towers.transfer(13, 0, 1)
        total += towers.moves
    print(total)


main()
