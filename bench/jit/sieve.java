// Stores to and loads from an array of bytes, with a stride.
class Sieve {
    static final int ROUNDS = 6;

    static long sieve(byte[] prime) {
        int limit = prime.length;
        long count = 0;
        for (int i = 0; i < limit; i++) prime[i] = 1;
        for (int i = 2; i < limit; i++) {
            if (prime[i] == 0) continue;
            count++;
            for (long j = (long) i * i; j < limit; j += i) prime[(int) j] = 0;
        }
        return count;
    }

    public static void main(String[] args) {
        byte[] prime = new byte[Integer.parseInt(args[0])];
        long sum = 0;
        for (int r = 0; r < ROUNDS; r++) sum += sieve(prime) + r;
        System.out.println(sum);
    }
}
