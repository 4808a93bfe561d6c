// Product of two matrices of complex numbers, each an object of its own: many small objects that die at once.
final class Complex {
    final long re, im;

    Complex(long re, long im) {
        this.re = re;
        this.im = im;
    }

    Complex plus(Complex b) {
        return new Complex(re + b.re, im + b.im);
    }

    Complex times(Complex b) {
        return new Complex(re * b.re - im * b.im, re * b.im + im * b.re);
    }

    static Complex[][] matrix(int n, int factor) {
        Complex[][] rows = new Complex[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) rows[i][j] = new Complex((i * factor + j) % 10, (i + j) % factor);
        }
        return rows;
    }

    static Complex[][] multiply(Complex[][] a, Complex[][] b) {
        int n = a.length;
        Complex[][] rows = new Complex[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                Complex sum = new Complex(0, 0);
                for (int k = 0; k < n; k++) sum = sum.plus(a[i][k].times(b[k][j]));
                rows[i][j] = sum;
            }
        }
        return rows;
    }

    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        long check = 0;
        for (Complex[] row : multiply(matrix(n, 3), matrix(n, 7))) {
            for (Complex x : row) check += x.re + 3 * x.im;
        }
        System.out.println(check);
    }
}
