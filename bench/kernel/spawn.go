// Goroutines that say one thing and end, eight at a time.
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

const together = 8

func main() {
	count := argument(0)
	done := make(chan int64, together)
	sum := int64(0)
	for made := int64(0); made < count; made += together {
		for k := int64(0); k < together; k++ {
			go child(done, made+k)
		}
		for k := 0; k < together; k++ {
			sum += <-done
		}
	}
	fmt.Println(sum)
}

func child(to chan int64, number int64) {
	to <- number
}
