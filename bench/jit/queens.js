// Queens on a board of the size, none in reach of another: how many ways there are. Recursion and tables of bytes.
class Board {
    constructor(size) {
        this.size = size;
        this.columns = new Uint8Array(size);
        this.rising = new Uint8Array(2 * size);
        this.falling = new Uint8Array(2 * size);
    }

    // The number of ways to put queens on the rows from this one on.
    ways(row) {
        const { size, columns, rising, falling } = this;
        if (row === size) return 1;
        let count = 0;
        for (let column = 0; column < size; column++) {
            const up = row + column, down = row - column + size;
            if (columns[column] || rising[up] || falling[down]) continue;
            columns[column] = rising[up] = falling[down] = 1;
            count += this.ways(row + 1);
            columns[column] = rising[up] = falling[down] = 0;
        }
        return count;
    }
}

console.log(new Board(Number(process.argv[2])).ways(0));
