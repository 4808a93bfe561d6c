// What starts the kernels that gcc compiles. It is no part of a kernel, so that the size is unknown where that is compiled.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int64_t run(int64_t size);

int main(int argc, char **argv) {
    printf("%" PRId64 "\n", run(argc > 1 ? atoll(argv[1]) : 0));
    return 0;
}
