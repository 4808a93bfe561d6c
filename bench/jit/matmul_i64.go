// Matrix product of 64-bit integers: two loads, a multiplication and an addition in the innermost loop.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	a, b, c := make([]int, n*n), make([]int, n*n), make([]int, n*n)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			a[i*n+j] = i*3 + j
			b[i*n+j] = i - j*2
		}
	}
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			var sum int
			for k := 0; k < n; k++ {
				sum += a[i*n+k] * b[k*n+j]
			}
			c[i*n+j] = sum
		}
	}
	var total int
	for i := 0; i < n; i++ {
		total += c[i*n+(n-1-i)] + c[i*n+i]
	}
	fmt.Println(total)
}
