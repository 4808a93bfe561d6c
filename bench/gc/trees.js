// Binary trees: many short-lived ones beside one that lives for the whole run.
"use strict";
const DEPTH_MAX = Number(process.argv[2]), DEPTH_MIN = 4;

class Node {
    constructor(left, right) {
        this.left = left;
        this.right = right;
    }
}

function make(depth) {
    return depth === 0 ? new Node(null, null) : new Node(make(depth - 1), make(depth - 1));
}

function count(node) {
    return node.left === null ? 1 : 1 + count(node.left) + count(node.right);
}

let sum = count(make(DEPTH_MAX + 1));
const longLived = make(DEPTH_MAX);
for (let depth = DEPTH_MIN; depth <= DEPTH_MAX; depth += 2) {
    for (let times = 1 << (DEPTH_MAX - depth + DEPTH_MIN); times > 0; times--) sum += count(make(depth));
}
sum += count(longLived);
console.log(String(sum));
