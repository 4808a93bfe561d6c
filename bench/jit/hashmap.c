// A map from numbers to numbers: filled, asked, half emptied and asked again. C has no map of its own: this one has open
// addressing, linear probing and removal by moving entries back.
#include "parts/alloc.h"

// KNOWN is where the keys that are put in begin, UNKNOWN where others do.
enum { ROUNDS = 2, FIRST_SLOTS = 16, KNOWN = 42, UNKNOWN = 4711 };

typedef struct {
    int64_t key, value, taken;
} slot;

// A power of two slots, at most two thirds of them taken.
typedef struct {
    slot *slots;
    size_t count, used;
} map;

// Keys follow from each other, from a first one on, without an order.
static int64_t key_after(int64_t key) {
    return key * 48271 % 2147483647;
}

static size_t home_of(const map *m, int64_t key) {
    uint64_t hash = (uint64_t)key * 0x9e3779b97f4a7c15u;
    return (size_t)(hash >> 32) & (m->count - 1);
}

// Where the key is, or would go.
static slot *find(const map *m, int64_t key) {
    size_t at = home_of(m, key);
    while (m->slots[at].taken && m->slots[at].key != key) at = (at + 1) & (m->count - 1);
    return &m->slots[at];
}

static void make_slots(map *m, size_t count) {
    m->slots = allocate(count * sizeof *m->slots);
    m->count = count;
    for (size_t i = 0; i < count; i++) m->slots[i] = (slot){0, 0, 0};
}

static void set(map *m, int64_t key, int64_t value) {
    if (3 * (m->used + 1) > 2 * m->count) {
        slot *old = m->slots;
        size_t count = m->count;
        make_slots(m, 2 * count);
        for (size_t i = 0; i < count; i++) {
            if (old[i].taken) *find(m, old[i].key) = old[i];
        }
        release(old);
    }
    slot *at = find(m, key);
    if (!at->taken) m->used++;
    *at = (slot){key, value, 1};
}

static void take_out(map *m, int64_t key) {
    size_t mask = m->count - 1, hole = (size_t)(find(m, key) - m->slots);
    if (!m->slots[hole].taken) return;
    m->used--;
    for (size_t at = (hole + 1) & mask; m->slots[at].taken; at = (at + 1) & mask) {
        size_t home = home_of(m, m->slots[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            m->slots[hole] = m->slots[at];
            hole = at;
        }
    }
    m->slots[hole].taken = 0;
}

// The sum of what the map has for n keys.
static int64_t ask(const map *m, int64_t key, int64_t n) {
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
        key = key_after(key);
        const slot *found = find(m, key);
        if (found->taken) sum += found->value;
    }
    return sum;
}

int64_t run(int64_t n) {
    map m = {0};
    make_slots(&m, FIRST_SLOTS);
    int64_t key = KNOWN, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        key = key_after(key);
        set(&m, key, i);
    }
    for (int64_t round = 0; round < ROUNDS; round++) sum += ask(&m, KNOWN, n) + ask(&m, UNKNOWN, n);
    key = KNOWN;
    for (int64_t i = 0; i < n; i += 2) {
        key = key_after(key);
        take_out(&m, key);
        key = key_after(key);
    }
    return sum + ask(&m, KNOWN, n) + (int64_t)m.used;
}
