// Trees of arrays: seven levels, four branches each, leaves of random length.
//
// The size is how many are built. Printed are the nodes made and the room in the leaves.
class Storage {
    static class Random {
        private int seed = 74_755;

        int next() {
            seed = (seed * 1309 + 13849) & 65_535;
            return seed;
        }
    }

    static class Tree {
        final Tree[] parts;

        Tree(Tree[] parts) {
            this.parts = parts;
        }
    }

    static class Builder {
        int nodes = 0;
        private final Random random = new Random();

        Tree build(int depth) {
            nodes++;
            if (depth == 1) return new Tree(new Tree[random.next() % 10 + 1]);
            Tree[] parts = new Tree[4];
            for (int i = 0; i < 4; i++) parts[i] = build(depth - 1);
            return new Tree(parts);
        }
    }

    /** The room in the leaves. */
    static int room(Tree tree) {
        if (tree.parts[0] == null) return tree.parts.length;
        int sum = 0;
        for (Tree part : tree.parts) sum += room(part);
        return sum;
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long nodes = 0, sum = 0;
        for (int i = 0; i < size; i++) {
            Builder builder = new Builder();
            sum += room(builder.build(7));
            nodes += builder.nodes;
        }
        System.out.println(nodes + " " + sum);
    }
}
