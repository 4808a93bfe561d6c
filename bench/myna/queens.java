// Eight queens on a board, none in reach of another: the first way that is found.
//
// The size is how often it is looked for. Printed is the sum of a number made of the rows.
import java.util.Arrays;

class Queens {
    static class Board {
        private final boolean[] freeRows = new boolean[8];
        private final boolean[] freeRising = new boolean[16];
        private final boolean[] freeFalling = new boolean[16];
        private final int[] rows = new int[8];

        Board() {
            Arrays.fill(freeRows, true);
            Arrays.fill(freeRising, true);
            Arrays.fill(freeFalling, true);
            Arrays.fill(rows, -1);
        }

        /** Puts queens into the columns from this one on; whether that can be done. */
        boolean place(int column) {
            for (int row = 0; row < 8; row++) {
                if (isFree(row, column)) {
                    rows[row] = column;
                    set(row, column, false);
                    if (column == 7) return true;
                    if (place(column + 1)) return true;
                    set(row, column, true);
                }
            }
            return false;
        }

        long number() {
            long number = 0;
            for (int column : rows) number = number * 8 + column;
            return number;
        }

        private boolean isFree(int row, int column) {
            return freeRows[row] && freeRising[column + row] && freeFalling[column - row + 7];
        }

        private void set(int row, int column, boolean free) {
            freeRows[row] = free;
            freeRising[column + row] = free;
            freeFalling[column - row + 7] = free;
        }
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long sum = 0;
        for (int i = 0; i < size; i++) {
            Board board = new Board();
            if (board.place(0)) sum += board.number();
        }
        System.out.println(sum);
    }
}
