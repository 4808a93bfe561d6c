// People, sorted by a number and by their names, with closures for the keys.
//
// The size is how many there are. Printed is a number made of the two orders.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
)

type random struct{ seed int }

func (r *random) next() int {
	r.seed = (r.seed*1309 + 13849) & 65535
	return r.seed
}

type person struct {
	id    int
	name  string
	score int
}

func order(people []*person) int {
	number := 0
	for _, p := range people {
		number = (number*31 + p.id) % 1000003
	}
	return number
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	r := &random{74755}
	people := []*person{}
	for i := 0; i < size; i++ {
		score := r.next()*size + i
		people = append(people, &person{i, fmt.Sprintf("person %d %d", r.next(), i), score})
	}
	sort.SliceStable(people, func(i, j int) bool { return people[i].score < people[j].score })
	byScore := order(people)
	sort.SliceStable(people, func(i, j int) bool { return people[i].name < people[j].name })
	byName := order(people)
	fmt.Println(byScore, byName)
}
