"""Eight queens on a board, none in reach of another: the first way that is found.

The size is how often it is looked for. Printed is the sum of a number made of the rows.
"""
import sys


class Board:
    def __init__(self):
        self.free_rows = [True] * 8
        self.free_rising = [True] * 16
        self.free_falling = [True] * 16
        self.rows = [-1] * 8

    def place(self, column):
        """Puts queens into the columns from this one on; whether that can be done."""
        for row in range(8):
            if self.is_free(row, column):
                self.rows[row] = column
                self.set(row, column, False)
                if column == 7:
                    return True
                if self.place(column + 1):
                    return True
                self.set(row, column, True)
        return False

    def number(self):
        number = 0
        for column in self.rows:
            number = number * 8 + column
        return number

    def is_free(self, row, column):
        return self.free_rows[row] and self.free_rising[column + row] and self.free_falling[column - row + 7]

    def set(self, row, column, free):
        self.free_rows[row] = free
        self.free_rising[column + row] = free
        self.free_falling[column - row + 7] = free


def main():
    total = 0
    for _ in range(int(sys.argv[1])):
        board = Board()
        if board.place(0):
            total += board.number()
    print(total)


main()
