// Generic containers of ints and of floats: a heap written here, and lists and maps.
//
// The size is how many values each takes. Printed are sums of what comes out.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
)

type random struct{ seed int }

func (r *random) next() int {
	r.seed = (r.seed*1309 + 13849) & 65535
	return r.seed
}

// A number from 0 to 1.
func (r *random) fraction() float64 { return float64(r.next()) / 65536 }

type number interface{ ~int | ~float64 }

// Gives the smallest of its items first.
type heap[T number] struct{ items []T }

func (h *heap[T]) push(item T) {
	h.items = append(h.items, item)
	at := len(h.items) - 1
	for at > 0 {
		parent := (at - 1) / 2
		if h.items[parent] <= h.items[at] {
			break
		}
		h.items[at], h.items[parent] = h.items[parent], h.items[at]
		at = parent
	}
}

func (h *heap[T]) pop() T {
	top := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	h.sink()
	return top
}

func (h *heap[T]) sink() {
	at := 0
	for {
		child := 2*at + 1
		if child >= len(h.items) {
			break
		}
		if child+1 < len(h.items) && h.items[child+1] < h.items[child] {
			child++
		}
		if h.items[at] <= h.items[child] {
			break
		}
		h.items[at], h.items[child] = h.items[child], h.items[at]
		at = child
	}
}

func mapped[T, U any](items []T, change func(T) U) []U {
	out := []U{}
	for _, item := range items {
		out = append(out, change(item))
	}
	return out
}

func filtered[T any](items []T, test func(T) bool) []T {
	out := []T{}
	for _, item := range items {
		if test(item) {
			out = append(out, item)
		}
	}
	return out
}

func sumOf[T number](items []T) T {
	var sum T
	for _, item := range items {
		sum += item
	}
	return sum
}

func ofInts(size int, r *random) int {
	h := &heap[int]{}
	for i := 0; i < size; i++ {
		h.push(r.next()*65536 + r.next())
	}
	sum := 0
	for len(h.items) > 0 {
		sum = (sum*31 + h.pop()) % 1000003
	}
	counts := map[int]int{}
	for i := 0; i < size; i++ {
		counts[r.next()%5000] += i
	}
	for key, count := range counts {
		sum += (key + 1) * (count % 1000)
	}
	list := []int{}
	for i := 0; i < size; i++ {
		list = append(list, r.next())
	}
	doubled := mapped(list, func(n int) int { return n * 2 })
	return sum + sumOf(filtered(doubled, func(n int) bool { return n%3 == 0 }))
}

func ofFloats(size int, r *random) float64 {
	h := &heap[float64]{}
	for i := 0; i < size; i++ {
		h.push(r.fraction())
	}
	sum := 0.0
	for len(h.items) > 0 {
		sum = sum*0.5 + h.pop()
	}
	sum = math.Floor(sum * 1024)
	totals := map[int]float64{}
	for i := 0; i < size; i++ {
		key := r.next() % 5000
		totals[key] += r.fraction()
	}
	for key, total := range totals {
		sum += total * float64(key%4)
	}
	list := []float64{}
	for i := 0; i < size; i++ {
		list = append(list, r.fraction())
	}
	doubled := mapped(list, func(x float64) float64 { return x * 2 })
	return sum + sumOf(filtered(doubled, func(x float64) bool { return x > 0.5 }))
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	r := &random{74755}
	ints := ofInts(size, r)
	floats := ofFloats(size, r)
	fmt.Println(ints, int(floats))
}
