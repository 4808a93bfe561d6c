// All orders of a few numbers, and how often their beginnings are to be turned round: small arrays in cache.
const n = Number(process.argv[2]);
const order = [], work = [], counts = [];

// How many turns it takes until the first number is 0.
function flipsOf() {
    for (let i = 0; i < n; i++) work[i] = order[i];
    let flips = 0;
    for (let first = work[0]; first !== 0; first = work[0]) {
        for (let low = 0, high = first; low < high; low++, high--) {
            const x = work[low];
            work[low] = work[high];
            work[high] = x;
        }
        flips++;
    }
    return flips;
}

// Makes the next order, if there is one.
function nextOrder() {
    for (let r = 1; r < n; r++) {
        const first = order[0];
        for (let i = 0; i < r; i++) order[i] = order[i + 1];
        order[r] = first;
        if (--counts[r] > 0) return true;
        counts[r] = r + 1;
    }
    return false;
}

for (let i = 0; i < n; i++) {
    order[i] = i;
    work[i] = 0;
    counts[i] = i + 1;
}
let most = 0, check = 0, even = true;
do {
    const flips = flipsOf();
    if (flips > most) most = flips;
    check += even ? flips : -flips;
    even = !even;
} while (nextOrder());
console.log(check * 1000 + most);
