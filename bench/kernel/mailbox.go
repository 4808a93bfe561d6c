// Many goroutines send to one.
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
	senders, each := argument(0), argument(1)
	mailbox := make(chan int64, 1024)
	for k := int64(0); k < senders; k++ {
		go send(mailbox, each)
	}
	sum := int64(0)
	for left := senders * each; left > 0; left-- {
		sum += <-mailbox
	}
	fmt.Println(sum)
}

func send(to chan int64, each int64) {
	for k := each; k > 0; k-- {
		to <- k
	}
}
