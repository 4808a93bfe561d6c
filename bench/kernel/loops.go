// Endless loops, and beside them two goroutines that send a number to and fro. The second line is the longest time
// between two hops, in nanoseconds of the host's clock.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func argument(k int) int64 {
	n, err := strconv.ParseInt(os.Args[k+1], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func main() {
	loops, rounds := argument(0), argument(1)
	for k := int64(0); k < loops; k++ {
		go spin()
	}
	there, back := make(chan int64, 1), make(chan int64, 1)
	start := time.Now()
	go pong(start, there, back)
	there <- 0
	<-back
	before := time.Since(start).Nanoseconds()
	longest := int64(0)
	for k := int64(0); k < rounds; k++ {
		there <- k
		at := <-back
		now := time.Since(start).Nanoseconds()
		longest = max(longest, max(at-before, now-at))
		before = now
	}
	fmt.Println(rounds)
	fmt.Println("longest", longest)
}

func spin() {
	for {
	}
}

func max(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}

// Answers with the time.
func pong(start time.Time, own, to chan int64) {
	for range own {
		to <- time.Since(start).Nanoseconds()
	}
}
