"""How often each word occurs in a text, and which do most often.

The size is the number of words. Printed are how many different ones there are and the first five.
"""
import sys


class Random:
    def __init__(self):
        self.seed = 74_755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65_535
        return self.seed


SYLLABLES = "ba con de fi gu ha in jo ka lem mo ni or pe qui ra".split(" ")


def text_of(size):
    random = Random()
    words = []
    for _ in range(size):
        n = random.next() * random.next() >> 19
        tail = "" if n % 3 == 0 else SYLLABLES[n // 256 % 16]
        words.append(SYLLABLES[n % 16] + SYLLABLES[n // 16 % 16] + tail)
    return " ".join(words)


def main():
    counts = {}
    for word in text_of(int(sys.argv[1])).split(" "):
        counts[word] = counts.get(word, 0) + 1
    ranking = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    first = [f"{word} {count}" for word, count in ranking[:5]]
    print(len(counts), " ".join(first))


main()
