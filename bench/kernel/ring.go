// A number goes round a ring of goroutines; each takes 1 off. Who gets 0 tells the first one.
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
	members, hops := argument(0), argument(1)
	first := make(chan int64, 1)
	next := first
	for k := int64(1); k < members; k++ {
		own := make(chan int64, 1)
		go member(own, next, first)
		next = own
	}
	next <- hops
	for {
		number := <-first
		if number <= 0 {
			fmt.Println(number)
			return
		}
		next <- number - 1
	}
}

func member(own, next, first chan int64) {
	for {
		number := <-own
		if number <= 0 {
			first <- number
			return
		}
		next <- number - 1
	}
}
