// Calls of small functions in a loop.
class Helper {
    static long clip(long x, long low, long high) {
        if (x < low) return low;
        if (x > high) return high;
        return x;
    }

    static long step(long x) {
        x += 7;
        return x > 1000 ? x - 2000 : x;
    }

    public static void main(String[] args) {
        long count = Long.parseLong(args[0]);
        long sum = 0, x = 0;
        for (long i = 0; i < count; i++) {
            x = step(x);
            sum += clip(x, -300, 500);
        }
        System.out.println(sum);
    }
}
