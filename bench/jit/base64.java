// Bytes to base64 and back: shifts, masks and tables.
class Base64 {
    static final int ROUNDS = 16;
    static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static final byte[] digits = new byte[64], values = new byte[256];

    /** {@code to} has four bytes for each three of {@code from}, whose length is a multiple of three. */
    static void encode(byte[] from, byte[] to) {
        int at = 0;
        for (int i = 0; i < from.length; i += 3) {
            int group = (from[i] & 255) << 16 | (from[i + 1] & 255) << 8 | from[i + 2] & 255;
            to[at++] = digits[group >> 18];
            to[at++] = digits[group >> 12 & 63];
            to[at++] = digits[group >> 6 & 63];
            to[at++] = digits[group & 63];
        }
    }

    /** The way back. */
    static void decode(byte[] from, byte[] to) {
        int at = 0;
        for (int i = 0; i < from.length; i += 4) {
            int group = 0;
            for (int k = 0; k < 4; k++) group = group << 6 | values[from[i + k]];
            to[at++] = (byte) (group >> 16);
            to[at++] = (byte) (group >> 8);
            to[at++] = (byte) group;
        }
    }

    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        for (int i = 0; i < 64; i++) {
            digits[i] = (byte) ALPHABET.charAt(i);
            values[digits[i]] = (byte) i;
        }
        byte[] text = new byte[n], encoded = new byte[n / 3 * 4], decoded = new byte[n];
        for (int i = 0; i < n; i++) text[i] = (byte) ((long) i * i + (i >> 3));
        long sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            text[0] = (byte) round;
            encode(text, encoded);
            decode(encoded, decoded);
            for (int i = round; i < n; i += 7) sum += encoded[i] + (decoded[i] & 255);
        }
        System.out.println(sum);
    }
}
