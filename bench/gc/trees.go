// Binary trees: many short-lived ones beside one that lives for the whole run.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const depthMin = 4

type node struct {
	left, right *node
}

func build(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{build(depth - 1), build(depth - 1)}
}

func count(n *node) int {
	if n.left == nil {
		return 1
	}
	return 1 + count(n.left) + count(n.right)
}

func main() {
	depthMax, _ := strconv.Atoi(os.Args[1])
	sum := count(build(depthMax + 1))
	longLived := build(depthMax)
	for depth := depthMin; depth <= depthMax; depth += 2 {
		for times := 1 << (depthMax - depth + depthMin); times > 0; times-- {
			sum += count(build(depth))
		}
	}
	sum += count(longLived)
	fmt.Println(sum)
}
