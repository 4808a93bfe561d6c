// All permutations of six numbers, made by exchanging two of them.
//
// The size is how often. Printed is how many calls that takes.
class Permute {
    static class Permutations {
        int calls = 0;
        private final int[] values = {0, 1, 2, 3, 4, 5};

        /** Makes all permutations of the first n values. */
        void permute(int n) {
            calls++;
            if (n == 0) return;
            permute(n - 1);
            for (int i = n - 1; i >= 0; i--) {
                swap(n - 1, i);
                permute(n - 1);
                swap(n - 1, i);
            }
        }

        private void swap(int i, int j) {
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long sum = 0;
        for (int i = 0; i < size; i++) {
            Permutations permutations = new Permutations();
            permutations.permute(6);
            sum += permutations.calls;
        }
        System.out.println(sum);
    }
}
