// A hundred balls in a box: how often they bounce in fifty steps.
//
// The size is how often that is played. Printed is the number of bounces.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type random struct{ seed int }

func (r *random) next() int {
	r.seed = (r.seed*1309 + 13849) & 65535
	return r.seed
}

const limit = 500

type ball struct{ x, y, vx, vy int }

func newBall(r *random) *ball {
	b := &ball{}
	b.x = r.next() % 500
	b.y = r.next() % 500
	b.vx = r.next()%300 - 150
	b.vy = r.next()%300 - 150
	return b
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// Moves one step; whether it hits a wall.
func (b *ball) step() bool {
	bounced := false
	b.x += b.vx
	b.y += b.vy
	if b.x > limit {
		b.x = limit
		b.vx = -abs(b.vx)
		bounced = true
	}
	if b.x < 0 {
		b.x = 0
		b.vx = abs(b.vx)
		bounced = true
	}
	if b.y > limit {
		b.y = limit
		b.vy = -abs(b.vy)
		bounced = true
	}
	if b.y < 0 {
		b.y = 0
		b.vy = abs(b.vy)
		bounced = true
	}
	return bounced
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	bounces := 0
	for i := 0; i < size; i++ {
		r := &random{74755}
		balls := []*ball{}
		for j := 0; j < 100; j++ {
			balls = append(balls, newBall(r))
		}
		for j := 0; j < 50; j++ {
			for _, b := range balls {
				if b.step() {
					bounces++
				}
			}
		}
	}
	fmt.Println(bounces)
}
