// Building, searching and cutting short strings. Strings are blocks of their own and never change, as in the other languages.
#include "parts/alloc.h"

enum { FIELDS = 16 };

typedef struct {
    int64_t length;
    char bytes[];
} string;

static string *string_of(const char *bytes, int64_t length) {
    string *made = allocate(sizeof *made + (size_t)length);
    made->length = length;
    copy_bytes(made->bytes, bytes, (size_t)length);
    return made;
}

// The two together; neither is needed any more.
static string *concat(string *first, string *second) {
    string *made = allocate(sizeof *made + (size_t)(first->length + second->length));
    made->length = first->length + second->length;
    copy_bytes(made->bytes, first->bytes, (size_t)first->length);
    copy_bytes(made->bytes + first->length, second->bytes, (size_t)second->length);
    release(first);
    release(second);
    return made;
}

static string *from_int(int64_t number) {
    char digits[20];
    int64_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return string_of(digits + at, (int64_t)sizeof digits - at);
}

static int64_t equal(const char *a, const char *b, int64_t length) {
    for (int64_t i = 0; i < length; i++) {
        if (a[i] != b[i]) return 0;
    }
    return 1;
}

static int64_t find(const string *text, const char *pattern, int64_t length) {
    for (int64_t at = 0; at + length <= text->length; at++) {
        if (equal(text->bytes + at, pattern, length)) return at;
    }
    return -1;
}

static string *upper(string *text) {
    string *made = string_of(text->bytes, text->length);
    for (int64_t i = 0; i < made->length; i++) {
        char c = made->bytes[i];
        if (c >= 'a' && c <= 'z') made->bytes[i] = (char)(c - 'a' + 'A');
    }
    release(text);
    return made;
}

int64_t run(int64_t lines) {
    int64_t total = 0, found = 0, check = 0;
    for (int64_t i = 1; i <= lines; i++) {
        string *line = string_of("", 0);
        for (int64_t k = 1; k <= FIELDS; k++) {
            string *field = concat(string_of("k", 1), from_int(i * k));
            line = concat(line, concat(field, string_of(",", 1)));
        }
        total += line->length;
        int64_t at = find(line, "7,k", 3);
        if (at >= 0) found += at + 1;
        string *part = upper(string_of(line->bytes + 3, 10));
        found += equal(part->bytes, "K2,K3,K4,K", 10);
        check += part->bytes[5];
        release(part);
        release(line);
    }
    return total * 7 + found * 3 + check;
}
