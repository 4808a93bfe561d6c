// Memory for the programs of this folder: the C library's for gcc, and for WebAssembly, which has none, an allocator of lists of
// free blocks, one for each size in steps of 16 bytes, larger ones in powers of two.
#include <stddef.h>
#include <stdint.h>

#ifndef __wasm__

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *allocate(size_t size) {
    void *memory = malloc(size);
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static inline void release(void *memory) {
    free(memory);
}

static inline void copy_bytes(void *to, const void *from, size_t size) {
    memcpy(to, from, size);
}

#else

enum { STEP = 16, SMALL_LISTS = 64, LISTS = SMALL_LISTS + 32, PAGE = 65536 };

// A block has its list in the 8 bytes in front of it; a free block has the next free one in its first bytes.
static void *free_lists[LISTS];
static size_t next_byte, last_byte;
extern unsigned char __heap_base;

// Clang calls it for what is cleared in a loop.
void *memset(void *memory, int byte, size_t size) {
    for (unsigned char *at = memory; size--; at++) *at = (unsigned char)byte;
    return memory;
}

static void *allocate(size_t size) {
    size_t list = (size + STEP - 1) / STEP;
    size = list * STEP;
    if (list >= SMALL_LISTS) {
        list = SMALL_LISTS;
        size_t larger = SMALL_LISTS * STEP;
        while (larger < size) {
            larger *= 2;
            list++;
        }
        size = larger;
    }
    void *taken = free_lists[list];
    if (taken) {
        free_lists[list] = *(void **)taken;
        return taken;
    }
    if (!next_byte) {
        next_byte = ((size_t)&__heap_base + STEP - 1) / STEP * STEP;
        last_byte = __builtin_wasm_memory_size(0) * PAGE;
    }
    if (next_byte + size + STEP > last_byte) {
        size_t pages = (size + STEP) / PAGE + 16;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) __builtin_trap();
        last_byte += pages * PAGE;
    }
    void *made = (void *)(next_byte + STEP);
    *(size_t *)(next_byte + STEP - 8) = list;
    next_byte += size + STEP;
    return made;
}

static inline void release(void *memory) {
    if (!memory) return;
    size_t list = *(size_t *)((size_t)memory - 8);
    *(void **)memory = free_lists[list];
    free_lists[list] = memory;
}

static inline void copy_bytes(void *to, const void *from, size_t size) {
    unsigned char *target = to;
    const unsigned char *source = from;
    while (size--) *target++ = *source++;
}

#endif
