// A linked list of many million elements: built, summed, turned round in place, thinned out, and copied.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type node struct {
	next  *node
	value int64
}

func build(size int) *node {
	var head *node
	for i := 0; i < size; i++ {
		head = &node{head, int64(i)}
	}
	return head
}

func sumOf(head *node) int64 {
	sum := uint32(0)
	for ; head != nil; head = head.next {
		sum = sum*31 + uint32(head.value)
	}
	return int64(sum)
}

func reverse(head *node) *node {
	var done *node
	for head != nil {
		head.next, done, head = done, head, head.next
	}
	return done
}

func thin(head *node) {
	for head != nil && head.next != nil {
		head.next = head.next.next
		head = head.next
	}
}

func doubled(head *node) *node {
	var list *node
	for ; head != nil; head = head.next {
		list = &node{list, head.value + head.value}
	}
	return list
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	head := build(size)
	sum := sumOf(head)
	head = reverse(head)
	sum += sumOf(head)
	thin(head)
	list := doubled(head)
	sum += sumOf(list)
	sum += sumOf(head)
	fmt.Println(sum)
}
