# Matrix product of floats, rows as lists.
import sys


def main():
    N = int(sys.argv[1])
    a = [[(i + 1) / (j + 2) for j in range(N)] for i in range(N)]
    b = [[(j - i) * 0.5 for j in range(N)] for i in range(N)]
    c = [[0.0] * N for _ in range(N)]
    for i in range(N):
        ai, ci = a[i], c[i]
        for j in range(N):
            total = 0.0
            for k in range(N):
                total += ai[k] * b[k][j]
            ci[j] = total
    total = 0.0
    for i in range(N):
        total += c[i][N - 1 - i] + c[i][i]
    print(int(total * 1000.0))


main()
