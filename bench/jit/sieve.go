// Stores to and loads from an array of bytes, with a stride.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const rounds = 6

func sieve(prime []byte) int {
	count := 0
	for i := range prime {
		prime[i] = 1
	}
	for i := 2; i < len(prime); i++ {
		if prime[i] == 0 {
			continue
		}
		count++
		for j := i * i; j < len(prime); j += i {
			prime[j] = 0
		}
	}
	return count
}

func main() {
	limit, _ := strconv.Atoi(os.Args[1])
	prime := make([]byte, limit)
	sum := 0
	for r := 0; r < rounds; r++ {
		sum += sieve(prime) + r
	}
	fmt.Println(sum)
}
