// All orders of a few numbers, and how often their beginnings are to be turned round: small arrays in cache.
package main

import (
	"fmt"
	"os"
	"strconv"
)

// How many turns it takes until the first number is 0.
func flipsOf(order, work []int) int {
	copy(work, order)
	flips := 0
	for first := work[0]; first != 0; first = work[0] {
		for low, high := 0, first; low < high; low, high = low+1, high-1 {
			work[low], work[high] = work[high], work[low]
		}
		flips++
	}
	return flips
}

// Makes the next order, if there is one.
func nextOrder(order, counts []int) bool {
	for r := 1; r < len(order); r++ {
		first := order[0]
		for i := 0; i < r; i++ {
			order[i] = order[i+1]
		}
		order[r] = first
		counts[r]--
		if counts[r] > 0 {
			return true
		}
		counts[r] = r + 1
	}
	return false
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	order, work, counts := make([]int, n), make([]int, n), make([]int, n)
	for i := range order {
		order[i] = i
		counts[i] = i + 1
	}
	most, check, even := 0, 0, true
	for {
		flips := flipsOf(order, work)
		if flips > most {
			most = flips
		}
		if even {
			check += flips
		} else {
			check -= flips
		}
		even = !even
		if !nextOrder(order, counts) {
			break
		}
	}
	fmt.Println(check*1000 + most)
}
