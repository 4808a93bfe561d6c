// Pauses: a large live set, of which little changes, and a small rate of allocation.
"use strict";
const LISTS = Number(process.argv[2]), STEPS = Number(process.argv[3]), LENGTH = 16;

class Node {
    constructor(next, value) {
        this.next = next;
        this.value = value;
    }
}

// 48271 * x modulo 2147483647 without leaving 32 bits (Schrage).
function nextRandom(x) {
    const y = 48271 * (x % 44488) - 3399 * ((x / 44488) | 0);
    return y < 0 ? y + 2147483647 : y;
}

const heads = new Array(LISTS).fill(null);
for (let i = 0; i < LISTS; i++) {
    let head = null;
    for (let k = 0; k < LENGTH; k++) head = new Node(head, i + k);
    heads[i] = head;
}
const gaps = [];
let random = 1, sum = 0, before = performance.now();
for (let i = 0; i < STEPS; i++) {
    random = nextRandom(random);
    const at = random % LISTS, head = heads[at];
    const short = new Node(head, i);
    const value = short.next.value;
    sum += value;
    if (i % 8 === 0) heads[at] = new Node(head.next, value + 1);
    if (i % 16 === 0) {
        const now = performance.now();
        if (now - before >= 0.05) gaps.push(Math.round((now - before) * 1e6));
        before = now;
    }
}
console.log(String(sum));
console.log("gaps " + gaps.join(" "));
