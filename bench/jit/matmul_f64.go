// Matrix product of 64-bit floats.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	a, b, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			a[i*n+j] = float64(i+1) / float64(j+2)
			b[i*n+j] = float64(j-i) * 0.5
		}
	}
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			var sum float64
			for k := 0; k < n; k++ {
				sum += a[i*n+k] * b[k*n+j]
			}
			c[i*n+j] = sum
		}
	}
	var total float64
	for i := 0; i < n; i++ {
		total += c[i*n+(n-1-i)] + c[i*n+i]
	}
	fmt.Println(int(total * 1000.0))
}
