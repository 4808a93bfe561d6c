// How often each word occurs in a text, and which do most often.
//
// The size is the number of words. Printed are how many different ones there are and the first five.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

type random struct{ seed int }

func (r *random) next() int {
	r.seed = (r.seed*1309 + 13849) & 65535
	return r.seed
}

var syllables = strings.Split("ba con de fi gu ha in jo ka lem mo ni or pe qui ra", " ")

func textOf(size int) string {
	r := &random{74755}
	words := []string{}
	for i := 0; i < size; i++ {
		n := r.next() * r.next() >> 19
		tail := ""
		if n%3 != 0 {
			tail = syllables[n/256%16]
		}
		words = append(words, syllables[n%16]+syllables[n/16%16]+tail)
	}
	return strings.Join(words, " ")
}

type entry struct {
	word  string
	count int
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	counts := map[string]int{}
	for _, word := range strings.Split(textOf(size), " ") {
		counts[word]++
	}
	ranking := []entry{}
	for word, count := range counts {
		ranking = append(ranking, entry{word, count})
	}
	sort.Slice(ranking, func(i, j int) bool {
		a, b := ranking[i], ranking[j]
		if a.count != b.count {
			return a.count > b.count
		}
		return a.word < b.word
	})
	fmt.Print(len(counts))
	for i := 0; i < 5 && i < len(ranking); i++ {
		fmt.Print(" ", ranking[i].word, " ", ranking[i].count)
	}
	fmt.Println()
}
