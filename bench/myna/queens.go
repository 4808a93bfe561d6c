// Eight queens on a board, none in reach of another: the first way that is found.
//
// The size is how often it is looked for. Printed is the sum of a number made of the rows.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type board struct {
	freeRows, freeRising, freeFalling []bool
	rows                              []int
}

func allFree(n int) []bool {
	free := make([]bool, n)
	for i := range free {
		free[i] = true
	}
	return free
}

func newBoard() *board {
	return &board{allFree(8), allFree(16), allFree(16), make([]int, 8)}
}

// Puts queens into the columns from this one on; whether that can be done.
func (b *board) place(column int) bool {
	for row := 0; row < 8; row++ {
		if b.isFree(row, column) {
			b.rows[row] = column
			b.set(row, column, false)
			if column == 7 {
				return true
			}
			if b.place(column + 1) {
				return true
			}
			b.set(row, column, true)
		}
	}
	return false
}

func (b *board) number() int {
	number := 0
	for _, column := range b.rows {
		number = number*8 + column
	}
	return number
}

func (b *board) isFree(row, column int) bool {
	return b.freeRows[row] && b.freeRising[column+row] && b.freeFalling[column-row+7]
}

func (b *board) set(row, column int, free bool) {
	b.freeRows[row] = free
	b.freeRising[column+row] = free
	b.freeFalling[column-row+7] = free
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for i := 0; i < size; i++ {
		b := newBoard()
		if b.place(0) {
			sum += b.number()
		}
	}
	fmt.Println(sum)
}
