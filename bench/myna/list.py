"""The function of Takeuchi on the lengths of linked lists, which it never counts.

The size is how often it is called. Printed is the sum of the lengths of what comes out.
"""
import sys


class Element:
    def __init__(self, value, next):
        self.value = value
        self.next = next

    def length(self):
        return 1 if self.next is None else 1 + self.next.length()


def make(length):
    return None if length == 0 else Element(length, make(length - 1))


def is_shorter(x, than):
    while than is not None:
        if x is None:
            return True
        x = x.next
        than = than.next
    return False


def tail(x, y, z):
    if not is_shorter(y, x):
        return z
    return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y))


def main():
    total = 0
    for _ in range(int(sys.argv[1])):
        total += tail(make(15), make(10), make(6)).length()
    print(total)


main()
