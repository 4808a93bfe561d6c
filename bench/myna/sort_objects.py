"""People, sorted by a number and by their names, with closures for the keys.

The size is how many there are. Printed is a number made of the two orders.
"""
import sys


class Random:
    def __init__(self):
        self.seed = 74_755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65_535
        return self.seed


class Person:
    def __init__(self, id, name, score):
        self.id = id
        self.name = name
        self.score = score


def order(people):
    number = 0
    for person in people:
        number = (number * 31 + person.id) % 1_000_003
    return number


def main():
    size = int(sys.argv[1])
    random = Random()
    people = []
    for i in range(size):
        score = random.next() * size + i
        people.append(Person(i, f"person {random.next()} {i}", score))
    people.sort(key=lambda p: p.score)
    by_score = order(people)
    people.sort(key=lambda p: p.name)
    by_name = order(people)
    print(by_score, by_name)


main()
