// Sorting an array in place as a heap: loads that jump about.
package main

import (
	"fmt"
	"os"
	"strconv"
)

// Numbers that follow from each other without an order.
func numbers(n int) []int {
	a := make([]int, n)
	x := 42
	for i := range a {
		x = x * 48271 % 2147483647
		a[i] = x
	}
	return a
}

// A number that depends on all numbers and their order.
func checksum(a []int) int {
	sum := 0
	for _, x := range a {
		sum = (sum*31 + x) % 1000000007
	}
	return sum
}

// Moves the element at `root` down to its place among the elements.
func sift(a []int, root int) {
	x := a[root]
	for child := 2*root + 1; child < len(a); child = 2*root + 1 {
		if child+1 < len(a) && a[child+1] > a[child] {
			child++
		}
		if x >= a[child] {
			break
		}
		a[root] = a[child]
		root = child
	}
	a[root] = x
}

func heapsort(a []int) {
	for root := len(a)/2 - 1; root >= 0; root-- {
		sift(a, root)
	}
	for last := len(a) - 1; last > 0; last-- {
		a[0], a[last] = a[last], a[0]
		sift(a[:last], 0)
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	a := numbers(n)
	heapsort(a)
	fmt.Println(checksum(a))
}
