// Calls of small functions in a loop.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func clip(x, low, high int) int {
	if x < low {
		return low
	}
	if x > high {
		return high
	}
	return x
}

func step(x int) int {
	x += 7
	if x > 1000 {
		return x - 2000
	}
	return x
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	sum, x := 0, 0
	for i := 0; i < count; i++ {
		x = step(x)
		sum += clip(x, -300, 500)
	}
	fmt.Println(sum)
}
