// Product of two matrices of complex numbers, each an object of its own: many small objects that die at once.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type number struct {
	re, im int
}

func sumOf(a, b *number) *number {
	return &number{a.re + b.re, a.im + b.im}
}

func productOf(a, b *number) *number {
	return &number{a.re*b.re - a.im*b.im, a.re*b.im + a.im*b.re}
}

func matrix(n, factor int) [][]*number {
	rows := make([][]*number, n)
	for i := range rows {
		rows[i] = make([]*number, n)
		for j := range rows[i] {
			rows[i][j] = &number{(i*factor + j) % 10, (i + j) % factor}
		}
	}
	return rows
}

func multiply(a, b [][]*number) [][]*number {
	rows := make([][]*number, len(a))
	for i := range rows {
		rows[i] = make([]*number, len(a))
		for j := range rows[i] {
			sum := &number{}
			for k, x := range a[i] {
				sum = sumOf(sum, productOf(x, b[k][j]))
			}
			rows[i][j] = sum
		}
	}
	return rows
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	check := 0
	for _, row := range multiply(matrix(n, 3), matrix(n, 7)) {
		for _, x := range row {
			check += x.re + 3*x.im
		}
	}
	fmt.Println(check)
}
