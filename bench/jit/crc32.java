// CRC-32 of some bytes by a table of 256 numbers: a chain of dependent loads.
class Crc32 {
    static final int ROUNDS = 16;

    static int[] makeTable() {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int c = i;
            for (int k = 0; k < 8; k++) c = (c & 1) != 0 ? c >>> 1 ^ 0xedb88320 : c >>> 1;
            table[i] = c;
        }
        return table;
    }

    static long crcOf(byte[] text, int[] table) {
        int crc = -1;
        for (int i = 0; i < text.length; i++) crc = crc >>> 8 ^ table[(crc ^ text[i]) & 255];
        return ~crc & 0xffffffffL;
    }

    public static void main(String[] args) {
        int[] table = makeTable();
        byte[] text = new byte[Integer.parseInt(args[0])];
        for (int i = 0; i < text.length; i++) text[i] = (byte) ((long) i * i + (i >> 3));
        long sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            text[0] = (byte) round;
            sum += crcOf(text, table);
        }
        System.out.println(sum);
    }
}
