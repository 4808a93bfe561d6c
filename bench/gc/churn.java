// A large map that lives long and keeps changing: each step takes the oldest entry out, puts a new one in and reads one.
import java.util.HashMap;

class Churn {
    final long key, stamp;

    Churn(long key, long stamp) {
        this.key = key;
        this.stamp = stamp;
    }

    static final HashMap<Long, Churn> map = new HashMap<>();

    static long keyOf(int i) {
        return i * 2654435761L & 0xffffffffL;
    }

    static void insert(int i) {
        long key = keyOf(i);
        map.put(key, new Churn(key, i));
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]), steps = Integer.parseInt(args[1]);
        for (int i = 0; i < size; i++) insert(i);
        long random = 1, sum = 0;
        for (int i = 0; i < steps; i++) {
            map.remove(keyOf(i));
            insert(i + size);
            random = random * 48271 % 2147483647;
            sum += map.get(keyOf((int) (random % size) + i + 1)).stamp;
        }
        System.out.println(sum + map.size());
    }
}
