// A map from numbers to numbers: filled, asked, half emptied and asked again.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const rounds = 2
const known = 42     // where the keys that are put in begin
const unknown = 4711 // and others

// Keys follow from each other, from a first one on, without an order.
func keyAfter(key int) int {
	return key * 48271 % 2147483647
}

// The sum of what the map has for n keys.
func ask(m map[int]int, key, n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		key = keyAfter(key)
		sum += m[key]
	}
	return sum
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	m := make(map[int]int)
	key, sum := known, 0
	for i := 0; i < n; i++ {
		key = keyAfter(key)
		m[key] = i
	}
	for round := 0; round < rounds; round++ {
		sum += ask(m, known, n) + ask(m, unknown, n)
	}
	key = known
	for i := 0; i < n; i += 2 {
		key = keyAfter(key)
		delete(m, key)
		key = keyAfter(key)
	}
	fmt.Println(sum + ask(m, known, n) + len(m))
}
