// A map from numbers to numbers: filled, asked, half emptied and asked again.
import java.util.HashMap;

class Hashmap {
    static final int ROUNDS = 2;
    /** Where the keys that are put in begin. */
    static final long KNOWN = 42;
    /** And others. */
    static final long UNKNOWN = 4711;

    /** Keys follow from each other, from a first one on, without an order. */
    static long keyAfter(long key) {
        return key * 48271 % 2147483647;
    }

    /** The sum of what the map has for n keys. */
    static long ask(HashMap<Long, Long> map, long key, long n) {
        long sum = 0;
        for (long i = 0; i < n; i++) {
            key = keyAfter(key);
            Long value = map.get(key);
            if (value != null) sum += value;
        }
        return sum;
    }

    public static void main(String[] args) {
        long n = Long.parseLong(args[0]);
        HashMap<Long, Long> map = new HashMap<>();
        long key = KNOWN, sum = 0;
        for (long i = 0; i < n; i++) {
            key = keyAfter(key);
            map.put(key, i);
        }
        for (int round = 0; round < ROUNDS; round++) sum += ask(map, KNOWN, n) + ask(map, UNKNOWN, n);
        key = KNOWN;
        for (long i = 0; i < n; i += 2) {
            key = keyAfter(key);
            map.remove(key);
            key = keyAfter(key);
        }
        System.out.println(sum + ask(map, KNOWN, n) + map.size());
    }
}
