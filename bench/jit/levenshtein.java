// The distance of two texts by a table of one row: loads, minima, a chain of dependences.
class Levenshtein {
    /** A text of four letters, from a seed. */
    static byte[] textOf(int n, long seed) {
        byte[] text = new byte[n];
        for (int i = 0; i < n; i++) {
            seed = seed * 48271 % 2147483647;
            text[i] = (byte) ('a' + seed % 4);
        }
        return text;
    }

    static int distance(byte[] a, byte[] b) {
        int[] row = new int[b.length + 1];
        for (int j = 0; j <= b.length; j++) row[j] = j;
        for (int i = 0; i < a.length; i++) {
            int letter = a[i], diagonal = i, left = i + 1;
            row[0] = left;
            for (int j = 0; j < b.length; j++) {
                int above = row[j + 1], best = diagonal;
                if (b[j] != letter) best = Math.min(Math.min(best, above), left) + 1;
                row[j + 1] = left = best;
                diagonal = above;
            }
        }
        return row[b.length];
    }

    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        System.out.println(distance(textOf(n, 42), textOf(n, 4711)));
    }
}
