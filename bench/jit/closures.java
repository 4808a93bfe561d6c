// Functions with captured values, made in a loop and called through a table.
import java.util.function.LongUnaryOperator;

class Closures {
    static final int FUNCTIONS = 60;
    static final long MODULUS = 1048573;

    /** A function that keeps {@code k} and what follows from it. */
    static LongUnaryOperator maker(int kind, long k) {
        if (kind == 0) return x -> (x + k) % MODULUS;
        if (kind == 1) {
            long shift = k + 7;
            return x -> (x * k + shift) % MODULUS;
        }
        long limit = k * 1000;
        return x -> x < limit ? limit - x : x - limit;
    }

    public static void main(String[] args) {
        long rounds = Long.parseLong(args[0]);
        LongUnaryOperator[] functions = new LongUnaryOperator[FUNCTIONS];
        for (int i = 0; i < FUNCTIONS; i++) functions[i] = maker(i % 3, i + 3);
        long sum = 0, x = 1;
        for (long round = 0; round < rounds; round++) {
            for (int i = 0; i < FUNCTIONS; i++) x = functions[i].applyAsLong(x);
            sum += x;
        }
        System.out.println(sum);
    }
}
