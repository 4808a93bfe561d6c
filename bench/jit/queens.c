// Queens on a board of the size, none in reach of another: how many ways there are. Recursion and tables of bytes.
#include <stdint.h>

enum { LARGEST = 32 };

struct board {
    uint8_t columns[LARGEST], rising[2 * LARGEST], falling[2 * LARGEST];
    int64_t size;
};

static struct board board;

// The number of ways to put queens on the rows from this one on.
static int64_t ways(struct board *board, int64_t row) {
    int64_t size = board->size;
    if (row == size) return 1;
    int64_t count = 0;
    for (int64_t column = 0; column < size; column++) {
        int64_t up = row + column, down = row - column + size;
        if (board->columns[column] || board->rising[up] || board->falling[down]) continue;
        board->columns[column] = board->rising[up] = board->falling[down] = 1;
        count += ways(board, row + 1);
        board->columns[column] = board->rising[up] = board->falling[down] = 0;
    }
    return count;
}

int64_t run(int64_t size) {
    board.size = size;
    return ways(&board, 0);
}
