// A large map that lives long and keeps changing: each step takes the oldest entry out, puts a new one in and reads one.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type entry struct {
	key, stamp int64
}

func keyOf(i int) int64 {
	return int64(uint32(i * 2654435761))
}

func insert(entries map[int64]*entry, i int) {
	key := keyOf(i)
	entries[key] = &entry{key, int64(i)}
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	steps, _ := strconv.Atoi(os.Args[2])
	entries := make(map[int64]*entry)
	for i := 0; i < size; i++ {
		insert(entries, i)
	}
	random, sum := 1, int64(0)
	for i := 0; i < steps; i++ {
		delete(entries, keyOf(i))
		insert(entries, i+size)
		random = random * 48271 % 2147483647
		sum += entries[keyOf(random%size+i+1)].stamp
	}
	fmt.Println(sum + int64(len(entries)))
}
