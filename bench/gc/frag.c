// Fragmentation: blocks of all sizes from 16 B to almost 64 KiB in a table of slots. They are zeroed, as everywhere else.
#include "parts/alloc.h"

typedef struct {
    size_t size;
    unsigned char *bytes;
} block;

static int64_t random_state = 1;

static int64_t next(void) {
    random_state = random_state * 48271 % 2147483647;
    return random_state;
}

int main(int argc, char **argv) {
    int64_t slots = argc > 1 ? atol(argv[1]) : 1, steps = argc > 2 ? atol(argv[2]) : 0;
    block *table = need(calloc((size_t)slots, sizeof *table));
    int64_t sum = 0, alive = 0, alive_max = 0;
    for (int64_t i = 0; i < steps; i++) {
        int64_t most = next() % slots + 1;
        block *slot = &table[next() % most];
        int64_t least = 1 << (next() % 12);
        size_t size = (size_t)(next() % least + least) * 16;
        if (slot->bytes) {
            alive -= (int64_t)slot->size;
            sum += slot->bytes[0] + slot->bytes[slot->size - 1];
            free(slot->bytes);
        }
        slot->size = size;
        slot->bytes = need(calloc(size, 1));
        slot->bytes[0] = slot->bytes[size - 1] = (unsigned char)i;
        alive += (int64_t)size;
        if (alive > alive_max) alive_max = alive;
    }
    printf("%" PRId64 "\n%" PRId64 "\n", sum, alive_max);
    return 0;
}
