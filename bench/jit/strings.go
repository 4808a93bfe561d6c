// Building, searching and cutting short strings.
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
	total, found, check := 0, 0, 0
	for i := 1; i <= lines; i++ {
		line := ""
		for k := 1; k <= fields; k++ {
			line += "k" + strconv.Itoa(i*k) + ","
		}
		total += len(line)
		if at := strings.Index(line, "7,k"); at >= 0 {
			found += at + 1
		}
		part := strings.ToUpper(line[3:13])
		if part == "K2,K3,K4,K" {
			found++
		}
		check += int(part[5])
	}
	fmt.Println(total*7 + found*3 + check)
}
