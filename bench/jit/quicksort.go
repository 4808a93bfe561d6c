// Sorting an array in place by parts around its middle element (Hoare): branches that cannot be foretold.
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

func quicksort(a []int, first, last int) {
	if first >= last {
		return
	}
	pivot, low, high := a[(first+last)/2], first, last
	for low <= high {
		for a[low] < pivot {
			low++
		}
		for a[high] > pivot {
			high--
		}
		if low > high {
			break
		}
		a[low], a[high] = a[high], a[low]
		low++
		high--
	}
	quicksort(a, first, high)
	quicksort(a, low, last)
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	a := numbers(n)
	quicksort(a, 0, len(a)-1)
	fmt.Println(checksum(a))
}
