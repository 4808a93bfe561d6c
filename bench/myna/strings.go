// Lines that are built, joined, taken apart, searched and changed.
//
// The size is the number of lines. Printed are sums of lengths and of what was found.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func line(i int) string {
	stars := ""
	for j := 0; j < i%7; j++ {
		stars += "*"
	}
	return fmt.Sprintf("order %d of %d pieces %s", i, i*7%1000, stars)
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	lines := []string{}
	for i := 0; i < size; i++ {
		lines = append(lines, line(i))
	}
	text := strings.Join(lines, "\n")
	length, found := 0, 0
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Split(line, " ")
		if strings.HasSuffix(fields[1], "7") {
			found++
		}
		if strings.Contains(line, "**") {
			found++
		}
		found += strings.Index(line, "pieces")
		changed := strings.ToUpper(strings.ReplaceAll(line, "order", "invoice"))
		pieces, _ := strconv.Atoi(fields[3])
		length += len(changed) + pieces
	}
	fmt.Println(len(text), length, found)
}
