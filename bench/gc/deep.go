// Recursion that allocates: each level keeps a node, with that of its caller, and makes eight that die at once.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const garbage = 8

type node struct {
	next  *node
	value int64
}

// The result depends on the garbage, so the compiler cannot leave it out; what it is stored in keeps it in the heap.
var last *node

func down(level int, above *node) uint32 {
	if level == 0 {
		return 0
	}
	kept := &node{above, int64(level)}
	short := kept
	for k := 0; k < garbage; k++ {
		short = &node{short, int64(k)}
	}
	last = short
	sum := down(level-1, kept)
	return sum + uint32(kept.value) + uint32(short.value)
}

func main() {
	levels, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	sum := uint32(0)
	for ; times > 0; times-- {
		sum += down(levels, nil)
	}
	fmt.Println(sum)
}
