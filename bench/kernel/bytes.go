// Two goroutines send a byte string to and fro: a Go string, whose bytes both may read.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func argument(k int) int64 {
	n, err := strconv.ParseInt(os.Args[k+1], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func main() {
	rounds, size := argument(0), argument(1)
	data := strings.Repeat("x", int(size))
	there, back := make(chan string, 1), make(chan string, 1)
	go pong(there, back)
	sum := 0
	for k := int64(0); k < rounds; k++ {
		there <- data
		data = <-back
		sum += len(data)
	}
	fmt.Println(sum)
}

func pong(own, to chan string) {
	for data := range own {
		to <- data
	}
}
