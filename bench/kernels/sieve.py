# Stores to and loads from an array of bytes, with a stride.
import sys

LIMIT, ROUNDS = int(sys.argv[1]), 6
prime = bytearray(LIMIT)


def sieve():
    count = 0
    for i in range(LIMIT):
        prime[i] = 1
    for i in range(2, LIMIT):
        if prime[i]:
            count += 1
            for j in range(i * i, LIMIT, i):
                prime[j] = 0
    return count


print(sum(sieve() + r for r in range(ROUNDS)))
