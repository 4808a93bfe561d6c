# Building, searching and cutting short strings.
import sys


def main():
    LINES, FIELDS = int(sys.argv[1]), 16
    total = found = check = 0
    for i in range(1, LINES + 1):
        line = ""
        for k in range(1, FIELDS + 1):
            line += "k" + str(i * k) + ","
        total += len(line)
        at = line.find("7,k")
        if at >= 0:
            found += at + 1
        part = line[3:13].upper()
        if part == "K2,K3,K4,K":
            found += 1
        check += ord(part[5])
    print(total * 7 + found * 3 + check)


main()
