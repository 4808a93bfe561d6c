// Loads of bytes and a small state machine: counting lines, words and letters.
#include <stdint.h>

enum { LENGTH_MAX = 10000000, ROUNDS = 24 };
static uint8_t text[LENGTH_MAX];

static void make_text(int64_t length) {
    int64_t x = 42;
    for (int64_t i = 0; i < length; i++) {
        x = (x * 3877 + 29573) % 139968;
        int64_t v = x % 64;
        text[i] = v < 52 ? 97 + v % 26 : v < 61 ? 32 : 10;
    }
}

static int64_t scan(int64_t length) {
    int64_t lines = 0, words = 0, sum = 0, in_word = 0;
    for (int64_t i = 0; i < length; i++) {
        int64_t c = text[i];
        if (c == 32) {
            in_word = 0;
        } else if (c == 10) {
            in_word = 0;
            lines++;
        } else {
            sum += c;
            if (!in_word) {
                in_word = 1;
                words++;
            }
        }
    }
    return lines * 3 + words * 5 + sum;
}

int64_t run(int64_t length) {
    make_text(length);
    int64_t total = 0;
    for (int64_t r = 0; r < ROUNDS; r++) total += scan(length) + r;
    return total;
}
