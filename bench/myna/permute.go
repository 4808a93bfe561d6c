// All permutations of six numbers, made by exchanging two of them.
//
// The size is how often. Printed is how many calls that takes.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type permutations struct {
	calls  int
	values []int
}

// Makes all permutations of the first n values.
func (p *permutations) permute(n int) {
	p.calls++
	if n == 0 {
		return
	}
	p.permute(n - 1)
	for i := n - 1; i >= 0; i-- {
		p.swap(n-1, i)
		p.permute(n - 1)
		p.swap(n-1, i)
	}
}

func (p *permutations) swap(i, j int) {
	p.values[i], p.values[j] = p.values[j], p.values[i]
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for i := 0; i < size; i++ {
		p := &permutations{values: []int{0, 1, 2, 3, 4, 5}}
		p.permute(6)
		sum += p.calls
	}
	fmt.Println(sum)
}
