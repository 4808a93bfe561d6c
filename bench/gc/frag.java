// Fragmentation: arrays of bytes of all sizes from 16 B to almost 64 KiB in a table of slots.
class Frag {
    public static void main(String[] args) {
        int slots = Integer.parseInt(args[0]), steps = Integer.parseInt(args[1]);
        byte[][] table = new byte[slots][];
        long random = 1, sum = 0, alive = 0, aliveMax = 0;
        for (int i = 0; i < steps; i++) {
            random = random * 48271 % 2147483647;
            long most = random % slots + 1;
            random = random * 48271 % 2147483647;
            int slot = (int) (random % most);
            random = random * 48271 % 2147483647;
            long least = 1L << (random % 12);
            random = random * 48271 % 2147483647;
            int size = (int) (random % least + least) * 16;
            byte[] old = table[slot];
            if (old != null) {
                alive -= old.length;
                sum += (old[0] & 255) + (old[old.length - 1] & 255);
            }
            byte[] made = new byte[size];
            made[0] = (byte) i;
            made[size - 1] = (byte) i;
            table[slot] = made;
            alive += size;
            aliveMax = Math.max(aliveMax, alive);
        }
        System.out.println(sum);
        System.out.println(aliveMax);
    }
}
