// Matrix product of 64-bit floats.
class MatmulF64 {
    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        double[] a = new double[n * n], b = new double[n * n], c = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i * n + j] = (double) (i + 1) / (j + 2);
                b[i * n + j] = (j - i) * 0.5;
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
                c[i * n + j] = sum;
            }
        }
        double total = 0;
        for (int i = 0; i < n; i++) total += c[i * n + (n - 1 - i)] + c[i * n + i];
        System.out.println((long) (total * 1000.0));
    }
}
