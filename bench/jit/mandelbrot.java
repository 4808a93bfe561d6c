// Float arithmetic with a data-dependent exit; no memory.
class Mandelbrot {
    static final int STEPS = 150;

    public static void main(String[] args) {
        long size = Long.parseLong(args[0]);
        long total = 0;
        for (long py = 0; py < size; py++) {
            double y0 = py * (2.4 / size) - 1.2;
            for (long px = 0; px < size; px++) {
                double x0 = px * (3.0 / size) - 2.2;
                double x = 0.0, y = 0.0;
                int n = 0;
                while (n < STEPS) {
                    double xx = x * x, yy = y * y;
                    if (xx + yy > 4.0) break;
                    y = 2.0 * x * y + y0;
                    x = xx - yy + x0;
                    n++;
                }
                total += n;
            }
        }
        System.out.println(total);
    }
}
