// Bytes to base64 and back: shifts, masks and tables.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const rounds = 16
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

var values [256]byte

// `to` has four bytes for each three of `from`, whose length is a multiple of three.
func encode(from, to []byte) {
	at := 0
	for i := 0; i < len(from); i += 3 {
		group := uint32(from[i])<<16 | uint32(from[i+1])<<8 | uint32(from[i+2])
		to[at] = alphabet[group>>18]
		to[at+1] = alphabet[group>>12&63]
		to[at+2] = alphabet[group>>6&63]
		to[at+3] = alphabet[group&63]
		at += 4
	}
}

// The way back.
func decode(from, to []byte) {
	at := 0
	for i := 0; i < len(from); i += 4 {
		var group uint32
		for k := 0; k < 4; k++ {
			group = group<<6 | uint32(values[from[i+k]])
		}
		to[at] = byte(group >> 16)
		to[at+1] = byte(group >> 8)
		to[at+2] = byte(group)
		at += 3
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < 64; i++ {
		values[alphabet[i]] = byte(i)
	}
	text, encoded, decoded := make([]byte, n), make([]byte, n/3*4), make([]byte, n)
	for i := range text {
		text[i] = byte(i*i + i>>3)
	}
	sum := 0
	for round := 0; round < rounds; round++ {
		text[0] = byte(round)
		encode(text, encoded)
		decode(encoded, decoded)
		for i := round; i < n; i += 7 {
			sum += int(encoded[i]) + int(decoded[i])
		}
	}
	fmt.Println(sum)
}
