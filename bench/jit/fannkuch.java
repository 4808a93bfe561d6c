// All orders of a few numbers, and how often their beginnings are to be turned round: small arrays in cache.
class Fannkuch {
    static int n;
    static int[] order, work, counts;

    /** How many turns it takes until the first number is 0. */
    static int flipsOf() {
        for (int i = 0; i < n; i++) work[i] = order[i];
        int flips = 0;
        for (int first = work[0]; first != 0; first = work[0]) {
            for (int low = 0, high = first; low < high; low++, high--) {
                int x = work[low];
                work[low] = work[high];
                work[high] = x;
            }
            flips++;
        }
        return flips;
    }

    /** Makes the next order, if there is one. */
    static boolean nextOrder() {
        for (int r = 1; r < n; r++) {
            int first = order[0];
            for (int i = 0; i < r; i++) order[i] = order[i + 1];
            order[r] = first;
            if (--counts[r] > 0) return true;
            counts[r] = r + 1;
        }
        return false;
    }

    public static void main(String[] args) {
        n = Integer.parseInt(args[0]);
        order = new int[n];
        work = new int[n];
        counts = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
            counts[i] = i + 1;
        }
        long most = 0, check = 0;
        boolean even = true;
        do {
            int flips = flipsOf();
            if (flips > most) most = flips;
            check += even ? flips : -flips;
            even = !even;
        } while (nextOrder());
        System.out.println(check * 1000 + most);
    }
}
