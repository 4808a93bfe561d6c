// SHA-256 of some bytes: additions and rotations of 32 bits in registers.
package main

import (
	"fmt"
	"math/bits"
	"os"
	"strconv"
)

const rounds = 4
const block = 64

var k = [block]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

func rotr(x uint32, n int) uint32 {
	return bits.RotateLeft32(x, -n)
}

// Puts 64 bytes into the state.
func compress(state *[8]uint32, text []byte) {
	var words [block]uint32
	for i := 0; i < 16; i++ {
		var word uint32
		for j := 0; j < 4; j++ {
			word = word<<8 | uint32(text[4*i+j])
		}
		words[i] = word
	}
	for i := 16; i < block; i++ {
		x, y := words[i-15], words[i-2]
		s0 := rotr(x, 7) ^ rotr(x, 18) ^ x>>3
		s1 := rotr(y, 17) ^ rotr(y, 19) ^ y>>10
		words[i] = words[i-16] + s0 + s1 + words[i-7]
	}
	a, b, c, d := state[0], state[1], state[2], state[3]
	e, f, g, h := state[4], state[5], state[6], state[7]
	for i := 0; i < block; i++ {
		s1 := rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)
		t1 := k[i] + words[i] + h + s1 + (e&f ^ ^e&g)
		s0 := rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)
		t2 := s0 + (a&b ^ a&c ^ b&c)
		h, g, f, e, d, c, b, a = g, f, e, d+t1, c, b, a, t1+t2
	}
	state[0] += a
	state[1] += b
	state[2] += c
	state[3] += d
	state[4] += e
	state[5] += f
	state[6] += g
	state[7] += h
}

// The sum of the eight words of the hash. There is room for the padding behind the bytes.
func hashOf(text []byte, length int) int {
	state := [8]uint32{
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	}
	end, count := (length+9+63)&^63, length*8
	text[length] = 0x80
	for i := length + 1; i < end; i++ {
		text[i] = 0
	}
	for i := 1; i <= 8; i++ {
		text[end-i] = byte(count)
		count >>= 8
	}
	for at := 0; at < end; at += block {
		compress(&state, text[at:at+block])
	}
	sum := 0
	for _, word := range state {
		sum += int(word)
	}
	return sum
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	text := make([]byte, n+80)
	for i := 0; i < n; i++ {
		text[i] = byte(i*i + i>>3)
	}
	sum := 0
	for round := 0; round < rounds; round++ {
		text[0] = byte(round)
		sum += hashOf(text, n)
	}
	fmt.Println(sum)
}
