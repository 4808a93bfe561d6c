// Loads of bytes and a small state machine: counting lines, words and letters.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const rounds = 24

func makeText(length int) []byte {
	text := make([]byte, length)
	x := 42
	for i := range text {
		x = (x*3877 + 29573) % 139968
		v := x % 64
		switch {
		case v < 52:
			text[i] = byte(97 + v%26)
		case v < 61:
			text[i] = 32
		default:
			text[i] = 10
		}
	}
	return text
}

func scan(text []byte) int {
	lines, words, sum, inWord := 0, 0, 0, false
	for _, c := range text {
		if c == 32 {
			inWord = false
		} else if c == 10 {
			inWord = false
			lines++
		} else {
			sum += int(c)
			if !inWord {
				inWord = true
				words++
			}
		}
	}
	return lines*3 + words*5 + sum
}

func main() {
	length, _ := strconv.Atoi(os.Args[1])
	text := makeText(length)
	total := 0
	for r := 0; r < rounds; r++ {
		total += scan(text) + r
	}
	fmt.Println(total)
}
