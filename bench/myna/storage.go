// Trees of arrays: seven levels, four branches each, leaves of random length.
//
// The size is how many are built. Printed are the nodes made and the room in the leaves.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type random struct{ seed int }

func (r *random) next() int {
	r.seed = (r.seed*1309 + 13849) & 65535
	return r.seed
}

type tree struct{ parts []*tree }

type builder struct {
	nodes  int
	random *random
}

func (b *builder) build(depth int) *tree {
	b.nodes++
	if depth == 1 {
		return &tree{make([]*tree, b.random.next()%10+1)}
	}
	parts := make([]*tree, 4)
	for i := range parts {
		parts[i] = b.build(depth - 1)
	}
	return &tree{parts}
}

// The room in the leaves.
func room(t *tree) int {
	if t.parts[0] == nil {
		return len(t.parts)
	}
	sum := 0
	for _, part := range t.parts {
		sum += room(part)
	}
	return sum
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	nodes, sum := 0, 0
	for i := 0; i < size; i++ {
		b := &builder{random: &random{74755}}
		sum += room(b.build(7))
		nodes += b.nodes
	}
	fmt.Println(nodes, sum)
}
