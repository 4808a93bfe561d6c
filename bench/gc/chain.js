// A linked list of many million elements: built, summed, turned round in place, thinned out, and copied.
"use strict";
const SIZE = Number(process.argv[2]);

class Node {
    constructor(next, value) {
        this.next = next;
        this.value = value;
    }
}

function build(size) {
    let head = null;
    for (let i = 0; i < size; i++) head = new Node(head, i);
    return head;
}

function sumOf(head) {
    let sum = 0;
    for (; head !== null; head = head.next) sum = (Math.imul(sum, 31) + head.value) >>> 0;
    return sum;
}

function reverse(head) {
    let done = null;
    while (head !== null) {
        const rest = head.next;
        head.next = done;
        done = head;
        head = rest;
    }
    return done;
}

function thin(head) {
    while (head !== null && head.next !== null) {
        head.next = head.next.next;
        head = head.next;
    }
}

function doubled(head) {
    let copy = null;
    for (; head !== null; head = head.next) copy = new Node(copy, head.value + head.value);
    return copy;
}

let head = build(SIZE);
let sum = sumOf(head);
head = reverse(head);
sum += sumOf(head);
thin(head);
const copy = doubled(head);
sum += sumOf(copy);
sum += sumOf(head);
console.log(String(sum));
