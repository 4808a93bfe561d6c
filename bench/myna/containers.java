// Generic containers of ints and of floats: a heap written here, and lists and maps.
//
// The size is how many values each takes. Printed are sums of what comes out.
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class Containers {
    static class Random {
        private int seed = 74_755;

        int next() {
            seed = (seed * 1309 + 13849) & 65_535;
            return seed;
        }

        /** A number from 0 to 1. */
        double fraction() {
            return next() / 65_536.0;
        }
    }

    /** Gives the smallest of its items first. */
    static class Heap<T extends Comparable<T>> {
        private final ArrayList<T> items = new ArrayList<>();

        boolean isEmpty() {
            return items.isEmpty();
        }

        void push(T item) {
            items.add(item);
            int at = items.size() - 1;
            while (at > 0) {
                int parent = (at - 1) / 2;
                if (items.get(parent).compareTo(items.get(at)) <= 0) break;
                Collections.swap(items, at, parent);
                at = parent;
            }
        }

        T pop() {
            T top = items.get(0);
            T last = items.remove(items.size() - 1);
            if (!items.isEmpty()) {
                items.set(0, last);
                sink();
            }
            return top;
        }

        private void sink() {
            int at = 0;
            while (true) {
                int child = 2 * at + 1;
                if (child >= items.size()) break;
                if (child + 1 < items.size() && items.get(child + 1).compareTo(items.get(child)) < 0) child++;
                if (items.get(at).compareTo(items.get(child)) <= 0) break;
                Collections.swap(items, at, child);
                at = child;
            }
        }
    }

    static long ofInts(int size, Random random) {
        Heap<Long> heap = new Heap<>();
        for (int i = 0; i < size; i++) heap.push((long) random.next() * 65_536 + random.next());
        long sum = 0;
        while (!heap.isEmpty()) sum = (sum * 31 + heap.pop()) % 1_000_003;
        Map<Integer, Long> counts = new HashMap<>();
        for (int i = 0; i < size; i++) counts.merge(random.next() % 5000, (long) i, Long::sum);
        for (var entry : counts.entrySet()) sum += (entry.getKey() + 1) * (entry.getValue() % 1000);
        List<Long> list = new ArrayList<>();
        for (int i = 0; i < size; i++) list.add((long) random.next());
        return sum + list.stream().map(n -> n * 2).filter(n -> n % 3 == 0).reduce(0L, Long::sum);
    }

    static double ofFloats(int size, Random random) {
        Heap<Double> heap = new Heap<>();
        for (int i = 0; i < size; i++) heap.push(random.fraction());
        double sum = 0;
        while (!heap.isEmpty()) sum = sum * 0.5 + heap.pop();
        sum = Math.floor(sum * 1024);
        Map<Integer, Double> totals = new HashMap<>();
        for (int i = 0; i < size; i++) {
            int key = random.next() % 5000;
            totals.merge(key, random.fraction(), Double::sum);
        }
        for (var entry : totals.entrySet()) sum += entry.getValue() * (entry.getKey() % 4);
        List<Double> list = new ArrayList<>();
        for (int i = 0; i < size; i++) list.add(random.fraction());
        return sum + list.stream().map(x -> x * 2).filter(x -> x > 0.5).reduce(0.0, Double::sum);
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        Random random = new Random();
        long ints = ofInts(size, random);
        double floats = ofFloats(size, random);
        System.out.println(ints + " " + (long) floats);
    }
}
