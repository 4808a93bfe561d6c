// A map from numbers to numbers: filled, asked, half emptied and asked again.
const ROUNDS = 2;
const KNOWN = 42; // where the keys that are put in begin
const UNKNOWN = 4711; // and others

// Keys follow from each other, from a first one on, without an order.
function keyAfter(key) {
    return key * 48271 % 2147483647;
}

// The sum of what the map has for n keys.
function ask(map, key, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
        key = keyAfter(key);
        const value = map.get(key);
        if (value !== undefined) sum += value;
    }
    return sum;
}

const n = Number(process.argv[2]);
const map = new Map();
let key = KNOWN, sum = 0;
for (let i = 0; i < n; i++) {
    key = keyAfter(key);
    map.set(key, i);
}
for (let round = 0; round < ROUNDS; round++) sum += ask(map, KNOWN, n) + ask(map, UNKNOWN, n);
key = KNOWN;
for (let i = 0; i < n; i += 2) {
    key = keyAfter(key);
    map.delete(key);
    key = keyAfter(key);
}
console.log(sum + ask(map, KNOWN, n) + map.size);
