// Pauses: a large live set, of which little changes, and a small rate of allocation.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

const length = 16

type node struct {
	next  *node
	value int64
}

// Keeps the short-lived node in the heap: the compiler would put it on the stack.
var short *node

func main() {
	lists, _ := strconv.Atoi(os.Args[1])
	steps, _ := strconv.Atoi(os.Args[2])
	heads := make([]*node, lists)
	for i := range heads {
		var head *node
		for k := 0; k < length; k++ {
			head = &node{head, int64(i + k)}
		}
		heads[i] = head
	}
	random, sum, before := 1, int64(0), time.Now()
	var gaps []time.Duration
	for i := 0; i < steps; i++ {
		random = random * 48271 % 2147483647
		at := random % lists
		head := heads[at]
		short = &node{head, int64(i)}
		value := short.next.value
		sum += value
		if i%8 == 0 {
			heads[at] = &node{head.next, value + 1}
		}
		if i%16 == 0 {
			now := time.Now()
			if gap := now.Sub(before); gap >= 50*time.Microsecond {
				gaps = append(gaps, gap)
			}
			before = now
		}
	}
	fmt.Println(sum)
	fmt.Print("gaps")
	for _, gap := range gaps {
		fmt.Print(" ", gap.Nanoseconds())
	}
	fmt.Println()
}
