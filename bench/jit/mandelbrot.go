// Float arithmetic with a data-dependent exit; no memory.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const steps = 150

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	total := 0
	dy, dx := 2.4/float64(size), 3.0/float64(size)
	for py := 0; py < size; py++ {
		y0 := float64(py)*dy - 1.2
		for px := 0; px < size; px++ {
			x0 := float64(px)*dx - 2.2
			x, y, n := 0.0, 0.0, 0
			for n < steps {
				xx, yy := x*x, y*y
				if xx+yy > 4.0 {
					break
				}
				y = 2.0*x*y + y0
				x = xx - yy + x0
				n++
			}
			total += n
		}
	}
	fmt.Println(total)
}
