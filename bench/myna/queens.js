// Eight queens on a board, none in reach of another: the first way that is found.
//
// The size is how often it is looked for. Printed is the sum of a number made of the rows.

class Board {
    constructor() {
        this.freeRows = new Array(8).fill(true);
        this.freeRising = new Array(16).fill(true);
        this.freeFalling = new Array(16).fill(true);
        this.rows = new Array(8).fill(-1);
    }

    // Puts queens into the columns from this one on; whether that can be done.
    place(column) {
        for (let row = 0; row < 8; row++) {
            if (this.isFree(row, column)) {
                this.rows[row] = column;
                this.set(row, column, false);
                if (column === 7) return true;
                if (this.place(column + 1)) return true;
                this.set(row, column, true);
            }
        }
        return false;
    }

    number() {
        let number = 0;
        for (const column of this.rows) number = number * 8 + column;
        return number;
    }

    isFree(row, column) {
        return this.freeRows[row] && this.freeRising[column + row] && this.freeFalling[column - row + 7];
    }

    set(row, column, free) {
        this.freeRows[row] = free;
        this.freeRising[column + row] = free;
        this.freeFalling[column - row + 7] = free;
    }
}

const size = Number(process.argv[2]);
let sum = 0;
for (let i = 0; i < size; i++) {
    const board = new Board();
    if (board.place(0)) sum += board.number();
}
console.log(sum);
