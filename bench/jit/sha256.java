// SHA-256 of some bytes: additions and rotations of 32 bits in registers.
class Sha256 {
    static final int ROUNDS = 4, BLOCK = 64;
    static final int[] k = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };

    /** Puts the 64 bytes from {@code at} on into the state. */
    static void compress(int[] state, byte[] text, int at, int[] words) {
        for (int i = 0; i < 16; i++) {
            int word = 0;
            for (int j = 0; j < 4; j++) word = word << 8 | text[at++] & 255;
            words[i] = word;
        }
        for (int i = 16; i < BLOCK; i++) {
            int x = words[i - 15], y = words[i - 2];
            int s0 = Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
            int s1 = Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ y >>> 10;
            words[i] = words[i - 16] + s0 + s1 + words[i - 7];
        }
        int a = state[0], b = state[1], c = state[2], d = state[3];
        int e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < BLOCK; i++) {
            int s1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
            int t1 = k[i] + words[i] + h + s1 + (e & f ^ ~e & g);
            int s0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
            int t2 = s0 + (a & b ^ a & c ^ b & c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    /** The sum of the eight words of the hash. There is room for the padding behind the bytes. */
    static long hashOf(byte[] text, int length, int[] words) {
        int[] state = {
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
        };
        int end = length + 9 + 63 & -64;
        long bits = length * 8L;
        text[length] = (byte) 0x80;
        for (int i = length + 1; i < end; i++) text[i] = 0;
        for (int i = 1; i <= 8; i++) {
            text[end - i] = (byte) bits;
            bits >>= 8;
        }
        for (int at = 0; at < end; at += BLOCK) compress(state, text, at, words);
        long sum = 0;
        for (int word : state) sum += word & 0xffffffffL;
        return sum;
    }

    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        byte[] text = new byte[n + 80];
        for (int i = 0; i < n; i++) text[i] = (byte) ((long) i * i + (i >> 3));
        int[] words = new int[BLOCK];
        long sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            text[0] = (byte) round;
            sum += hashOf(text, n, words);
        }
        System.out.println(sum);
    }
}
