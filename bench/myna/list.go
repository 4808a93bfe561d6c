// The function of Takeuchi on the lengths of linked lists, which it never counts.
//
// The size is how often it is called. Printed is the sum of the lengths of what comes out.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type element struct {
	value int
	next  *element
}

func (e *element) length() int {
	if e.next == nil {
		return 1
	}
	return 1 + e.next.length()
}

func build(length int) *element {
	if length == 0 {
		return nil
	}
	return &element{length, build(length - 1)}
}

func isShorter(x, than *element) bool {
	for than != nil {
		if x == nil {
			return true
		}
		x = x.next
		than = than.next
	}
	return false
}

func tail(x, y, z *element) *element {
	if !isShorter(y, x) {
		return z
	}
	return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y))
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for i := 0; i < size; i++ {
		sum += tail(build(15), build(10), build(6)).length()
	}
	fmt.Println(sum)
}
