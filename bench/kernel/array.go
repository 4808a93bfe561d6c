// Two goroutines send an array of numbers to and fro; each changes one of them. What is sent is a copy.
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
	rounds, size := argument(0), argument(1)
	data := make([]int64, size)
	there, back := make(chan []int64, 1), make(chan []int64, 1)
	go pong(there, back)
	for k := int64(0); k < rounds; k++ {
		data[0]++
		there <- copied(data)
		data = <-back
	}
	fmt.Println(data[0])
}

func pong(own, to chan []int64) {
	for data := range own {
		data[0]++
		to <- copied(data)
	}
}

func copied(data []int64) []int64 {
	return append([]int64(nil), data...)
}
