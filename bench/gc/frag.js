// Fragmentation: arrays of bytes of all sizes from 16 B to almost 64 KiB in a table of slots.
"use strict";
const SLOTS = Number(process.argv[2]), STEPS = Number(process.argv[3]);

// 48271 * x modulo 2147483647 without leaving 32 bits (Schrage).
function next(x) {
    const y = 48271 * (x % 44488) - 3399 * ((x / 44488) | 0);
    return y < 0 ? y + 2147483647 : y;
}

const slots = new Array(SLOTS).fill(null);
let random = 1, sum = 0, alive = 0, aliveMax = 0;
for (let i = 0; i < STEPS; i++) {
    random = next(random);
    const most = random % SLOTS + 1;
    random = next(random);
    const slot = random % most;
    random = next(random);
    const least = 1 << (random % 12);
    random = next(random);
    const size = (random % least + least) * 16;
    const old = slots[slot];
    if (old !== null) {
        alive -= old.length;
        sum += old[0] + old[old.length - 1];
    }
    const made = new Uint8Array(size);
    made[0] = i & 255;
    made[size - 1] = i & 255;
    slots[slot] = made;
    alive += size;
    if (alive > aliveMax) aliveMax = alive;
}
console.log(String(sum));
console.log(String(aliveMax));
