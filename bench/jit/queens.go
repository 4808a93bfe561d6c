// Queens on a board of the size, none in reach of another: how many ways there are. Recursion and tables of booleans.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type board struct {
	columns, rising, falling []bool
	size                     int
}

// The number of ways to put queens on the rows from this one on.
func (b *board) ways(row int) int {
	if row == b.size {
		return 1
	}
	count := 0
	for column := 0; column < b.size; column++ {
		up, down := row+column, row-column+b.size
		if b.columns[column] || b.rising[up] || b.falling[down] {
			continue
		}
		b.columns[column], b.rising[up], b.falling[down] = true, true, true
		count += b.ways(row + 1)
		b.columns[column], b.rising[up], b.falling[down] = false, false, false
	}
	return count
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	b := &board{make([]bool, size), make([]bool, 2*size), make([]bool, 2*size), size}
	fmt.Println(b.ways(0))
}
