// Pauses: a large live set, of which little changes, and a small rate of allocation.
class Live {
    static final int LENGTH = 16;

    final Live next;
    final long value;

    Live(Live next, long value) {
        this.next = next;
        this.value = value;
    }

    // Keeps the short-lived node in the heap: the compiler would take it apart.
    static Live brief;

    public static void main(String[] args) {
        int lists = Integer.parseInt(args[0]), steps = Integer.parseInt(args[1]);
        Live[] heads = new Live[lists];
        for (int i = 0; i < lists; i++) {
            Live head = null;
            for (int k = 0; k < LENGTH; k++) head = new Live(head, i + k);
            heads[i] = head;
        }
        StringBuilder gaps = new StringBuilder("gaps");
        long random = 1, sum = 0, before = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            random = random * 48271 % 2147483647;
            int at = (int) (random % lists);
            Live head = heads[at];
            brief = new Live(head, i);
            long value = brief.next.value;
            sum += value;
            if (i % 8 == 0) heads[at] = new Live(head.next, value + 1);
            if (i % 16 == 0) {
                long now = System.nanoTime();
                if (now - before >= 50_000) gaps.append(' ').append(now - before);
                before = now;
            }
        }
        System.out.println(sum);
        System.out.println(gaps);
    }
}
