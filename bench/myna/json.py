"""A text in JSON: made, read, walked and written again.

The size is the number of records. Printed are sums of what is in them and whether the text that is
written is the one that was read.
"""
import sys
from importlib import import_module

# This file has the name of the module.
sys.path.pop(0)
json = import_module("json")


class Random:
    def __init__(self):
        self.seed = 74_755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65_535
        return self.seed


def quarters(n):
    return str(n // 4) + ("", ".25", ".5", ".75")[n % 4]


def record_text(id, random):
    active = "true" if random.next() % 2 == 0 else "false"
    scores = ",".join([quarters(random.next()), quarters(random.next()), quarters(random.next())])
    name = f'"the \\"{id}th\\" one\\n"'
    place = f'{{"x":{random.next()},"y":-{random.next()}}}'
    return f'{{"active":{active},"id":{id},"name":{name},"place":{place},"scores":[{scores}],"tag":null}}'


class Totals:
    def __init__(self):
        self.numbers = 0
        self.letters = 0
        self.flags = 0
        self.nulls = 0

    def add(self, value):
        if value is None:
            self.nulls += 1
        elif isinstance(value, bool):
            self.flags += value
        elif isinstance(value, (int, float)):
            self.numbers += value
        elif isinstance(value, str):
            self.letters += len(value)
        elif isinstance(value, list):
            for item in value:
                self.add(item)
        else:
            for item in value.values():
                self.add(item)


def main():
    random = Random()
    text = "[" + ",".join([record_text(id, random) for id in range(int(sys.argv[1]))]) + "]"
    value = json.loads(text)
    totals = Totals()
    totals.add(value)
    same = json.dumps(value, separators=(",", ":")) == text
    print(len(text), int(totals.numbers), totals.letters, totals.flags, totals.nulls, "true" if same else "false")


main()
