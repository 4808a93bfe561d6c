// Spectral norm of an infinite matrix, cut at the size: calls of a small function, division of floats.
class Spectral {
    static final int STEPS = 10;

    /** The element of the matrix at a row and a column. */
    static double element(int row, int column) {
        return 1.0 / ((row + column) * (row + column + 1) / 2 + row + 1);
    }

    static void multiply(double[] v, double[] product) {
        for (int i = 0; i < v.length; i++) {
            double sum = 0.0;
            for (int j = 0; j < v.length; j++) sum += element(i, j) * v[j];
            product[i] = sum;
        }
    }

    static void multiplyTransposed(double[] v, double[] product) {
        for (int i = 0; i < v.length; i++) {
            double sum = 0.0;
            for (int j = 0; j < v.length; j++) sum += element(j, i) * v[j];
            product[i] = sum;
        }
    }

    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        double[] u = new double[n], v = new double[n], between = new double[n];
        for (int i = 0; i < n; i++) u[i] = 1.0;
        for (int step = 0; step < STEPS; step++) {
            multiply(u, between);
            multiplyTransposed(between, v);
            multiply(v, between);
            multiplyTransposed(between, u);
        }
        double uv = 0.0, vv = 0.0;
        for (int i = 0; i < n; i++) {
            uv += u[i] * v[i];
            vv += v[i] * v[i];
        }
        System.out.println((long) (Math.sqrt(uv / vv) * 1e9));
    }
}
