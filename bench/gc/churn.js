// A large map that lives long and keeps changing: each step takes the oldest entry out, puts a new one in and reads one.
"use strict";
const SIZE = Number(process.argv[2]), STEPS = Number(process.argv[3]);
const map = new Map();

function keyOf(i) {
    return Math.imul(i, 2654435761) >>> 0;
}

function insert(i) {
    const key = keyOf(i);
    map.set(key, {key, stamp: i});
}

// 48271 * x modulo 2147483647 without leaving 32 bits (Schrage).
function next(x) {
    const y = 48271 * (x % 44488) - 3399 * ((x / 44488) | 0);
    return y < 0 ? y + 2147483647 : y;
}

for (let i = 0; i < SIZE; i++) insert(i);
let random = 1, sum = 0;
for (let i = 0; i < STEPS; i++) {
    map.delete(keyOf(i));
    insert(i + SIZE);
    random = next(random);
    sum += map.get(keyOf(random % SIZE + i + 1)).stamp;
}
console.log(String(sum + map.size));
