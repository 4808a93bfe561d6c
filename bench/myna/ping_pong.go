// Requests to another goroutine, each with its reply.
//
// The size is the number of requests. Printed is the sum of the replies.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type request struct {
	n     int
	reply chan int
}

func serve(requests chan request) {
	for r := range requests {
		r.reply <- r.n * r.n
	}
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	requests := make(chan request)
	reply := make(chan int)
	go serve(requests)
	sum := 0
	for i := 0; i < size; i++ {
		requests <- request{i % 1000, reply}
		sum += <-reply
	}
	close(requests)
	fmt.Println(sum)
}
