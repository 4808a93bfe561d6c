// Loads of bytes and a small state machine: counting lines, words and letters.
class Scan {
    static final int ROUNDS = 24;

    static byte[] makeText(int length) {
        byte[] text = new byte[length];
        int x = 42;
        for (int i = 0; i < length; i++) {
            x = (x * 3877 + 29573) % 139968;
            int v = x % 64;
            text[i] = (byte) (v < 52 ? 97 + v % 26 : v < 61 ? 32 : 10);
        }
        return text;
    }

    static long scan(byte[] text) {
        long lines = 0, words = 0, sum = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length; i++) {
            int c = text[i];
            if (c == 32) {
                inWord = false;
            } else if (c == 10) {
                inWord = false;
                lines++;
            } else {
                sum += c;
                if (!inWord) {
                    inWord = true;
                    words++;
                }
            }
        }
        return lines * 3 + words * 5 + sum;
    }

    public static void main(String[] args) {
        byte[] text = makeText(Integer.parseInt(args[0]));
        long total = 0;
        for (int r = 0; r < ROUNDS; r++) total += scan(text) + r;
        System.out.println(total);
    }
}
