// Deep recursion: Ackermann's function of 3 and 5 to 9 in turn.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const first = 5

func ackermann(m, n int) int {
	if m == 0 {
		return n + 1
	}
	if n == 0 {
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for round := 0; round < rounds; round++ {
		sum += ackermann(3, round%5+first)
	}
	fmt.Println(sum)
}
