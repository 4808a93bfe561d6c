// Queens on a board of the size, none in reach of another: how many ways there are. Recursion and tables of booleans.
class Queens {
    final int size;
    final boolean[] columns, rising, falling;

    Queens(int size) {
        this.size = size;
        columns = new boolean[size];
        rising = new boolean[2 * size];
        falling = new boolean[2 * size];
    }

    /** The number of ways to put queens on the rows from this one on. */
    long ways(int row) {
        if (row == size) return 1;
        long count = 0;
        for (int column = 0; column < size; column++) {
            int up = row + column, down = row - column + size;
            if (columns[column] || rising[up] || falling[down]) continue;
            columns[column] = rising[up] = falling[down] = true;
            count += ways(row + 1);
            columns[column] = rising[up] = falling[down] = false;
        }
        return count;
    }

    public static void main(String[] args) {
        System.out.println(new Queens(Integer.parseInt(args[0])).ways(0));
    }
}
