// Sorting an array in place as a heap: loads that jump about.
class Heapsort {
    /** Numbers that follow from each other without an order. */
    static long[] numbers(int n) {
        long[] a = new long[n];
        long x = 42;
        for (int i = 0; i < n; i++) {
            x = x * 48271 % 2147483647;
            a[i] = x;
        }
        return a;
    }

    /** A number that depends on all numbers and their order. */
    static long checksum(long[] a) {
        long sum = 0;
        for (long x : a) sum = (sum * 31 + x) % 1000000007;
        return sum;
    }

    /** Moves the element at {@code root} down to its place among the first {@code size} elements. */
    static void sift(long[] a, int root, int size) {
        long x = a[root];
        for (int child = 2 * root + 1; child < size; child = 2 * root + 1) {
            if (child + 1 < size && a[child + 1] > a[child]) child++;
            if (x >= a[child]) break;
            a[root] = a[child];
            root = child;
        }
        a[root] = x;
    }

    static void heapsort(long[] a) {
        for (int root = a.length / 2 - 1; root >= 0; root--) sift(a, root, a.length);
        for (int last = a.length - 1; last > 0; last--) {
            long x = a[0];
            a[0] = a[last];
            a[last] = x;
            sift(a, 0, last);
        }
    }

    public static void main(String[] args) {
        long[] a = numbers(Integer.parseInt(args[0]));
        heapsort(a);
        System.out.println(checksum(a));
    }
}
