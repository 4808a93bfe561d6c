// A large map that lives long and keeps changing: each step takes the oldest entry out, puts a new one in and reads one.
// C has no map of its own: this one has open addressing, linear probing and removal by moving entries back.
#include "parts/alloc.h"

typedef struct {
    int64_t key, stamp;
} entry;

// A power of two slots, at most two thirds of them taken.
static entry **slots;
static size_t mask, used;

static int64_t key_of(int64_t i) {
    return (int64_t)((uint64_t)i * 2654435761u & 0xffffffff);
}

static size_t hash(int64_t key) {
    uint64_t h = (uint64_t)key * 0x9e3779b97f4a7c15u;
    return (h ^ h >> 32) & mask;
}

// Where the key is, or would go.
static size_t find(int64_t key) {
    size_t at = hash(key);
    while (slots[at] && slots[at]->key != key) at = (at + 1) & mask;
    return at;
}

static void grow(void) {
    entry **old = slots;
    size_t count = old ? mask + 1 : 0;
    mask = count ? 2 * count - 1 : 15;
    slots = need(calloc(mask + 1, sizeof *slots));
    for (size_t i = 0; i < count; i++) {
        if (old[i]) slots[find(old[i]->key)] = old[i];
    }
    free(old);
}

static void insert(int64_t i) {
    if (!slots || 3 * (used + 1) > 2 * (mask + 1)) grow();
    entry *made = need(malloc(sizeof *made));
    *made = (entry){key_of(i), i};
    size_t at = find(made->key);
    if (slots[at]) free(slots[at]);
    else used++;
    slots[at] = made;
}

static void take_out(int64_t key) {
    size_t hole = find(key);
    if (!slots[hole]) return;
    free(slots[hole]);
    used--;
    for (size_t at = (hole + 1) & mask; slots[at]; at = (at + 1) & mask) {
        size_t home = hash(slots[at]->key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole] = NULL;
}

int main(int argc, char **argv) {
    int64_t size = argc > 1 ? atol(argv[1]) : 1, steps = argc > 2 ? atol(argv[2]) : 0;
    for (int64_t i = 0; i < size; i++) insert(i);
    int64_t random = 1, sum = 0;
    for (int64_t i = 0; i < steps; i++) {
        take_out(key_of(i));
        insert(i + size);
        random = random * 48271 % 2147483647;
        sum += slots[find(key_of(random % size + i + 1))]->stamp;
    }
    printf("%" PRId64 "\n", sum + (int64_t)used);
    return 0;
}
