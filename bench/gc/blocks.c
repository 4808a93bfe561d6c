// The same as `frag`: C has only memory that the program frees itself.
#include "frag.c"
