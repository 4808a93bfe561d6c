// Sorting an array in place by parts around its middle element (Hoare): branches that cannot be foretold.
class Quicksort {
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

    static void quicksort(long[] a, int first, int last) {
        if (first >= last) return;
        long pivot = a[(first + last) / 2];
        int low = first, high = last;
        while (low <= high) {
            while (a[low] < pivot) low++;
            while (a[high] > pivot) high--;
            if (low > high) break;
            long x = a[low];
            a[low++] = a[high];
            a[high--] = x;
        }
        quicksort(a, first, high);
        quicksort(a, low, last);
    }

    public static void main(String[] args) {
        long[] a = numbers(Integer.parseInt(args[0]));
        quicksort(a, 0, a.length - 1);
        System.out.println(checksum(a));
    }
}
