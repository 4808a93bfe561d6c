// People, sorted by a number and by their names, with closures for the keys.
//
// The size is how many there are. Printed is a number made of the two orders.
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

class SortObjects {
    static class Random {
        private int seed = 74_755;

        int next() {
            seed = (seed * 1309 + 13849) & 65_535;
            return seed;
        }
    }

    record Person(int id, String name, long score) {}

    static long order(List<Person> people) {
        long number = 0;
        for (Person person : people) number = (number * 31 + person.id()) % 1_000_003;
        return number;
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        Random random = new Random();
        List<Person> people = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long score = (long) random.next() * size + i;
            people.add(new Person(i, "person " + random.next() + " " + i, score));
        }
        people.sort(Comparator.comparing(p -> p.score()));
        long byScore = order(people);
        people.sort(Comparator.comparing(p -> p.name()));
        long byName = order(people);
        System.out.println(byScore + " " + byName);
    }
}
