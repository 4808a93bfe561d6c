// The towers of Hanoi with 13 disks, each pile a linked list.
//
// The size is how often they are moved. Printed is the number of moves.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type disk struct {
	size  int
	below *disk
}

type towers struct {
	moves int
	piles [3]*disk
}

// Builds a pile of so many disks.
func (t *towers) build(pile, disks int) {
	for size := disks - 1; size >= 0; size-- {
		t.push(&disk{size: size}, pile)
	}
}

// Moves so many disks from one pile to another.
func (t *towers) transfer(disks, from, to int) {
	if disks == 1 {
		t.moveTop(from, to)
		return
	}
	other := 3 - from - to
	t.transfer(disks-1, from, other)
	t.moveTop(from, to)
	t.transfer(disks-1, other, to)
}

func (t *towers) moveTop(from, to int) {
	t.push(t.pop(from), to)
	t.moves++
}

func (t *towers) push(d *disk, pile int) {
	top := t.piles[pile]
	if top != nil && d.size >= top.size {
		panic("a large disk on a small one")
	}
	d.below = top
	t.piles[pile] = d
}

func (t *towers) pop(pile int) *disk {
	top := t.piles[pile]
	if top == nil {
		panic("the pile is empty")
	}
	t.piles[pile] = top.below
	top.below = nil
	return top
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for i := 0; i < size; i++ {
		t := &towers{}
		t.build(0, 13)
		t.transfer(13, 0, 1)
		sum += t.moves
	}
	fmt.Println(sum)
}
