// The towers of Hanoi with 13 disks, each pile a linked list.
//
// The size is how often they are moved. Printed is the number of moves.
class Towers {
    static class Disk {
        final int size;
        Disk below;

        Disk(int size) {
            this.size = size;
        }
    }

    int moves = 0;
    private final Disk[] piles = new Disk[3];

    /** Builds a pile of so many disks. */
    void build(int pile, int disks) {
        for (int size = disks - 1; size >= 0; size--) push(new Disk(size), pile);
    }

    /** Moves so many disks from one pile to another. */
    void transfer(int disks, int from, int to) {
        if (disks == 1) {
            moveTop(from, to);
            return;
        }
        int other = 3 - from - to;
        transfer(disks - 1, from, other);
        moveTop(from, to);
        transfer(disks - 1, other, to);
    }

    private void moveTop(int from, int to) {
        push(pop(from), to);
        moves++;
    }

    private void push(Disk disk, int pile) {
        Disk top = piles[pile];
        if (top != null && disk.size >= top.size) throw new IllegalStateException("a large disk on a small one");
        disk.below = top;
        piles[pile] = disk;
    }

    private Disk pop(int pile) {
        Disk top = piles[pile];
        if (top == null) throw new IllegalStateException("the pile is empty");
        piles[pile] = top.below;
        top.below = null;
        return top;
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long sum = 0;
        for (int i = 0; i < size; i++) {
            Towers towers = new Towers();
            towers.build(0, 13);
            towers.transfer(13, 0, 1);
            sum += towers.moves;
        }
        System.out.println(sum);
    }
}
