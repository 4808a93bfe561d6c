// How often each word occurs in a text, and which do most often.
//
// The size is the number of words. Printed are how many different ones there are and the first five.
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class Words {
    static class Random {
        private int seed = 74_755;

        int next() {
            seed = (seed * 1309 + 13849) & 65_535;
            return seed;
        }
    }

    static String[] syllables() {
        return "ba con de fi gu ha in jo ka lem mo ni or pe qui ra".split(" ");
    }

    static String textOf(int size) {
        Random random = new Random();
        String[] parts = syllables();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int n = (int) ((long) random.next() * random.next() >> 19);
            String tail = n % 3 == 0 ? "" : parts[n / 256 % 16];
            words.add(parts[n % 16] + parts[n / 16 % 16] + tail);
        }
        return String.join(" ", words);
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        Map<String, Integer> counts = new HashMap<>();
        for (String word : textOf(size).split(" ")) counts.merge(word, 1, Integer::sum);
        List<Map.Entry<String, Integer>> ranking = new ArrayList<>(counts.entrySet());
        ranking.sort(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
            .thenComparing(Map.Entry.comparingByKey()));
        StringBuilder out = new StringBuilder(String.valueOf(counts.size()));
        for (var entry : ranking.subList(0, Math.min(5, ranking.size()))) {
            out.append(" ").append(entry.getKey()).append(" ").append(entry.getValue());
        }
        System.out.println(out);
    }
}
