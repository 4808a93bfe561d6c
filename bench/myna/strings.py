"""Lines that are built, joined, taken apart, searched and changed.

The size is the number of lines. Printed are sums of lengths and of what was found.
"""
import sys


def build(i):
    stars = ""
    for _ in range(i % 7):
        stars += "*"
    return f"order {i} of {i * 7 % 1000} pieces {stars}"


def main():
    size = int(sys.argv[1])
    lines = []
    for i in range(size):
        lines.append(build(i))
    text = "\n".join(lines)
    length = found = 0
    for line in text.split("\n"):
        fields = line.split(" ")
        if fields[1].endswith("7"):
            found += 1
        if "**" in line:
            found += 1
        found += line.find("pieces")
        changed = line.replace("order", "invoice").upper()
        length += len(changed) + int(fields[3])
    print(len(text), length, found)


main()
