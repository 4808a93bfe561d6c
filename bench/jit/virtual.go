// Methods of three types, called in an order that cannot be foretold.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const shapes = 1000

type shape interface {
	area(by int) int
}

type square struct {
	side int
}

type rectangle struct {
	width, height int
}

type triangle struct {
	base, height int
}

func (s *square) area(by int) int {
	side := s.side + by
	return side * side
}

func (r *rectangle) area(by int) int {
	return (r.width + by) * r.height
}

func (t *triangle) area(by int) int {
	return t.base * (t.height + by) >> 1
}

// A shape with these sizes, of which type they say too.
func shapeOf(kind, a, b int) shape {
	switch kind {
	case 0:
		return &square{a}
	case 1:
		return &rectangle{a, b}
	default:
		return &triangle{a, b}
	}
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	all := make([]shape, shapes)
	x, sum := 42, 0
	for i := range all {
		x = x * 48271 % 2147483647
		all[i] = shapeOf(x%3, x%97, x%89)
	}
	for round := 0; round < rounds; round++ {
		for _, s := range all {
			sum += s.area(round & 7)
		}
	}
	fmt.Println(sum)
}
