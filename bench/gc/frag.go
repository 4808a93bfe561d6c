// Fragmentation: arrays of bytes of all sizes from 16 B to almost 64 KiB in a table of slots.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	slots, _ := strconv.Atoi(os.Args[1])
	steps, _ := strconv.Atoi(os.Args[2])
	table := make([][]byte, slots)
	random, sum, alive, aliveMax := 1, 0, 0, 0
	for i := 0; i < steps; i++ {
		random = random * 48271 % 2147483647
		most := random%slots + 1
		random = random * 48271 % 2147483647
		slot := random % most
		random = random * 48271 % 2147483647
		least := 1 << (random % 12)
		random = random * 48271 % 2147483647
		size := (random%least + least) * 16
		if old := table[slot]; old != nil {
			alive -= len(old)
			sum += int(old[0]) + int(old[len(old)-1])
		}
		made := make([]byte, size)
		made[0] = byte(i)
		made[size-1] = byte(i)
		table[slot] = made
		alive += size
		if alive > aliveMax {
			aliveMax = alive
		}
	}
	fmt.Println(sum)
	fmt.Println(aliveMax)
}
