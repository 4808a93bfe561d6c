// Binary trees: many short-lived ones beside one that lives for the whole run.
class Trees {
    static final int DEPTH_MIN = 4;

    final Trees left, right;

    Trees(Trees left, Trees right) {
        this.left = left;
        this.right = right;
    }

    static Trees make(int depth) {
        return depth == 0 ? new Trees(null, null) : new Trees(make(depth - 1), make(depth - 1));
    }

    int count() {
        return left == null ? 1 : 1 + left.count() + right.count();
    }

    public static void main(String[] args) {
        int depthMax = Integer.parseInt(args[0]);
        long sum = make(depthMax + 1).count();
        Trees longLived = make(depthMax);
        for (int depth = DEPTH_MIN; depth <= depthMax; depth += 2) {
            for (int times = 1 << (depthMax - depth + DEPTH_MIN); times > 0; times--) sum += make(depth).count();
        }
        sum += longLived.count();
        System.out.println(sum);
    }
}
