// Spectral norm of an infinite matrix, cut at the size: calls of a small function, division of floats.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
)

const steps = 10

// The element of the matrix at a row and a column.
func element(row, column int) float64 {
	return 1.0 / float64((row+column)*(row+column+1)/2+row+1)
}

func multiply(v, product []float64) {
	for i := range product {
		sum := 0.0
		for j, x := range v {
			sum += element(i, j) * x
		}
		product[i] = sum
	}
}

func multiplyTransposed(v, product []float64) {
	for i := range product {
		sum := 0.0
		for j, x := range v {
			sum += element(j, i) * x
		}
		product[i] = sum
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	u, v, between := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range u {
		u[i] = 1.0
	}
	for step := 0; step < steps; step++ {
		multiply(u, between)
		multiplyTransposed(between, v)
		multiply(v, between)
		multiplyTransposed(between, u)
	}
	uv, vv := 0.0, 0.0
	for i := range u {
		uv += u[i] * v[i]
		vv += v[i] * v[i]
	}
	fmt.Println(int(math.Sqrt(uv/vv) * 1e9))
}
