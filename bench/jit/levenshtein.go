// The distance of two texts by a table of one row: loads, minima, a chain of dependences.
package main

import (
	"fmt"
	"os"
	"strconv"
)

// A text of four letters, from a seed.
func textOf(n, seed int) []byte {
	text := make([]byte, n)
	for i := range text {
		seed = seed * 48271 % 2147483647
		text[i] = byte('a' + seed%4)
	}
	return text
}

func min(x, y int) int {
	if x < y {
		return x
	}
	return y
}

func distance(a, b []byte) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range a {
		diagonal, left := i, i+1
		row[0] = left
		for j, c := range b {
			above, best := row[j+1], diagonal
			if c != letter {
				best = min(min(best, above), left) + 1
			}
			row[j+1] = best
			left, diagonal = best, above
		}
	}
	return row[len(b)]
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	fmt.Println(distance(textOf(n, 42), textOf(n, 4711)))
}
