// Deep recursion: Ackermann's function of 3 and 5 to 9 in turn.
class Ackermann {
    static final int FIRST = 5;

    static long ackermann(long m, long n) {
        if (m == 0) return n + 1;
        if (n == 0) return ackermann(m - 1, 1);
        return ackermann(m - 1, ackermann(m, n - 1));
    }

    public static void main(String[] args) {
        long rounds = Long.parseLong(args[0]);
        long sum = 0;
        for (long round = 0; round < rounds; round++) sum += ackermann(3, round % 5 + FIRST);
        System.out.println(sum);
    }
}
