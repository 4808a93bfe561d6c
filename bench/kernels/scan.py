# Bytes of a byte string and a small state machine: counting lines, words and letters.
import sys

LENGTH, ROUNDS = int(sys.argv[1]), 24


def make_text():
    text = bytearray(LENGTH)
    x = 42
    for i in range(LENGTH):
        x = (x * 3877 + 29573) % 139968
        v = x % 64
        text[i] = 97 + v % 26 if v < 52 else 32 if v < 61 else 10
    return bytes(text)


def scan(text):
    lines = words = total = 0
    in_word = False
    for c in text:
        if c == 32:
            in_word = False
        elif c == 10:
            in_word = False
            lines += 1
        else:
            total += c
            if not in_word:
                in_word = True
                words += 1
    return lines * 3 + words * 5 + total


TEXT = make_text()
print(sum(scan(TEXT) + r for r in range(ROUNDS)))
