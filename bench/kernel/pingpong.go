// Two goroutines send a number to and fro.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func argument(k int) int64 {
	n, err := strconv.ParseInt(os.Args[k+1], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func main() {
	rounds := argument(0)
	there, back := make(chan int64, 1), make(chan int64, 1)
	go pong(there, back)
	sum := int64(0)
	for k := int64(0); k < rounds; k++ {
		there <- k
		sum += <-back
	}
	fmt.Println(sum)
}

func pong(own, to chan int64) {
	for x := range own {
		to <- x + 1
	}
}
