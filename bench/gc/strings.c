// Strings: lines put together from small pieces, split, joined again, and all of them collected in a buffer. Strings are
// blocks of their own and never change, as in the other languages.
#include "parts/alloc.h"

enum { FIELDS = 16 };

static char *text_of(const char *bytes, size_t length) {
    char *made = need(malloc(length + 1));
    memcpy(made, bytes, length);
    made[length] = 0;
    return made;
}

// The two together; the first one is not needed any more.
static char *concat(char *first, const char *second) {
    size_t a = strlen(first), b = strlen(second);
    char *made = need(malloc(a + b + 1));
    memcpy(made, first, a);
    memcpy(made + a, second, b + 1);
    free(first);
    return made;
}

static char **split(const char *text, char separator, size_t *count) {
    size_t n = 1;
    for (const char *at = text; (at = strchr(at, separator)); at++) n++;
    char **parts = need(malloc(n * sizeof *parts));
    for (size_t i = 0; i < n; i++) {
        const char *end = strchr(text, separator);
        size_t length = end ? (size_t)(end - text) : strlen(text);
        parts[i] = text_of(text, length);
        text = end + 1;
    }
    *count = n;
    return parts;
}

static char *join(char **parts, size_t count, char separator) {
    size_t length = 1;
    for (size_t i = 0; i < count; i++) length += strlen(parts[i]) + (i > 0);
    char *made = need(malloc(length)), *at = made;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) *at++ = separator;
        size_t part = strlen(parts[i]);
        memcpy(at, parts[i], part);
        at += part;
    }
    *at = 0;
    return made;
}

int main(int argc, char **argv) {
    long lines = argc > 1 ? atol(argv[1]) : 0;
    size_t length = 0, capacity = 32;
    char *buffer = need(malloc(capacity));
    size_t sum = 0;
    for (long i = 1; i <= lines; i++) {
        char *line = text_of("", 0);
        for (int k = 1; k <= FIELDS; k++) {
            char number[24];
            snprintf(number, sizeof number, "%ld", i * k);
            line = concat(line, "k");
            line = concat(line, number);
            line = concat(line, ",");
        }
        size_t count;
        char **parts = split(line, ',', &count);
        sum += count;
        char *joined = join(parts, count, ';');
        size_t more = strlen(joined);
        if (length + more > capacity) {
            capacity = 2 * capacity > length + more ? 2 * capacity : length + more;
            buffer = need(realloc(buffer, capacity));
        }
        memcpy(buffer + length, joined, more);
        length += more;
        free(joined);
        for (size_t n = 0; n < count; n++) free(parts[n]);
        free(parts);
        free(line);
    }
    char *text = text_of(buffer, length);
    sum += length + (unsigned char)text[length / 2];
    printf("%zu\n", sum);
    return 0;
}
