// Matrix product of 64-bit integers: two loads, a multiplication and an addition in the innermost loop.
class MatmulI64 {
    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        long[] a = new long[n * n], b = new long[n * n], c = new long[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i * n + j] = i * 3 + j;
                b[i * n + j] = i - j * 2;
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                long sum = 0;
                for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
                c[i * n + j] = sum;
            }
        }
        long total = 0;
        for (int i = 0; i < n; i++) total += c[i * n + (n - 1 - i)] + c[i * n + i];
        System.out.println(total);
    }
}
