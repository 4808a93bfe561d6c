// Recursion that allocates: each level keeps a node, with that of its caller, and makes eight that die at once.
class Deep {
    static final int GARBAGE = 8;
    static final long STACK_BYTES = 512L << 20;

    final Deep next;
    final long value;

    Deep(Deep next, long value) {
        this.next = next;
        this.value = value;
    }

    // The result depends on the garbage, so the compiler cannot leave it out; what it is stored in keeps it in the heap.
    static Deep last;

    static int down(int level, Deep above) {
        if (level == 0) return 0;
        Deep kept = new Deep(above, level);
        Deep brief = kept;
        for (int k = 0; k < GARBAGE; k++) brief = new Deep(brief, k);
        last = brief;
        int sum = down(level - 1, kept);
        return sum + (int) kept.value + (int) brief.value;
    }

    public static void main(String[] args) throws InterruptedException {
        int levels = Integer.parseInt(args[0]), times = Integer.parseInt(args[1]);
        Thread thread = new Thread(null, () -> {
            int sum = 0;
            for (int i = 0; i < times; i++) sum += down(levels, null);
            System.out.println(sum & 0xffffffffL);
        }, "deep", STACK_BYTES);
        thread.start();
        thread.join();
    }
}
