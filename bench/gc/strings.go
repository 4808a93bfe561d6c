// Strings: lines put together from small pieces, split, joined again, and all of them collected in a buffer.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

const fields = 16

func main() {
	lines, _ := strconv.Atoi(os.Args[1])
	var buffer strings.Builder
	sum := 0
	for i := 1; i <= lines; i++ {
		line := ""
		for k := 1; k <= fields; k++ {
			line += "k"
			line += strconv.Itoa(i * k)
			line += ","
		}
		parts := strings.Split(line, ",")
		sum += len(parts)
		buffer.WriteString(strings.Join(parts, ";"))
	}
	text := buffer.String()
	sum += len(text) + int(text[len(text)/2])
	fmt.Println(sum)
}
