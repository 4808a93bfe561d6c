// Very many goroutines that have begun to wait, and wait.
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
	count := argument(0)
	for k := int64(0); k < count; k++ {
		go waiter()
	}
	time.Sleep(time.Second)
	fmt.Println(count)
}

// Each has a channel of its own, as each process has a mailbox.
func waiter() {
	own := make(chan int64, 1)
	<-own
}
