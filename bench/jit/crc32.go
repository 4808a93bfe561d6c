// CRC-32 of some bytes by a table of 256 numbers: a chain of dependent loads.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const rounds = 16

func makeTable() *[256]uint32 {
	var table [256]uint32
	for i := range table {
		c := uint32(i)
		for k := 0; k < 8; k++ {
			if c&1 != 0 {
				c = c>>1 ^ 0xedb88320
			} else {
				c >>= 1
			}
		}
		table[i] = c
	}
	return &table
}

func crcOf(text []byte, table *[256]uint32) uint32 {
	crc := ^uint32(0)
	for _, b := range text {
		crc = crc>>8 ^ table[byte(crc)^b]
	}
	return ^crc
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	table := makeTable()
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(i*i + i>>3)
	}
	sum := 0
	for round := 0; round < rounds; round++ {
		text[0] = byte(round)
		sum += int(crcOf(text, table))
	}
	fmt.Println(sum)
}
