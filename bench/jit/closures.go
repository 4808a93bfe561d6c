// Functions with captured values, made in a loop and called through a table.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const functions = 60
const modulus = 1048573

// A function that keeps `k` and what follows from it.
func maker(kind, k int) func(int) int {
	switch kind {
	case 0:
		return func(x int) int { return (x + k) % modulus }
	case 1:
		shift := k + 7
		return func(x int) int { return (x*k + shift) % modulus }
	default:
		limit := k * 1000
		return func(x int) int {
			if x < limit {
				return limit - x
			}
			return x - limit
		}
	}
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	all := make([]func(int) int, functions)
	for i := range all {
		all[i] = maker(i%3, i+3)
	}
	sum, x := 0, 1
	for round := 0; round < rounds; round++ {
		for _, f := range all {
			x = f(x)
		}
		sum += x
	}
	fmt.Println(sum)
}
