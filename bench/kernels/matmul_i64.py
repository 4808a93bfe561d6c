# Matrix product of integers, rows as lists.
import sys


def main():
    N = int(sys.argv[1])
    a = [[i * 3 + j for j in range(N)] for i in range(N)]
    b = [[i - j * 2 for j in range(N)] for i in range(N)]
    c = [[0] * N for _ in range(N)]
    for i in range(N):
        ai, ci = a[i], c[i]
        for j in range(N):
            total = 0
            for k in range(N):
                total += ai[k] * b[k][j]
            ci[j] = total
    print(sum(c[i][N - 1 - i] + c[i][i] for i in range(N)))


main()
