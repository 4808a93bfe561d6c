// Recursion that allocates: each level keeps a node, with that of its caller, and makes eight that die at once.
"use strict";
const LEVELS = Number(process.argv[2]), TIMES = Number(process.argv[3]), GARBAGE = 8;

class Node {
    constructor(next, value) {
        this.next = next;
        this.value = value;
    }
}

function down(level, above) {
    if (level === 0) return 0;
    const kept = new Node(above, level);
    let short = kept;
    for (let k = 0; k < GARBAGE; k++) short = new Node(short, k);
    const sum = down(level - 1, kept);
    return (sum + kept.value + short.value) >>> 0;
}

let sum = 0;
for (let i = 0; i < TIMES; i++) sum = (sum + down(LEVELS, null)) >>> 0;
console.log(String(sum));
