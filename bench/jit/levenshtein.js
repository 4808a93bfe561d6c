// The distance of two texts by a table of one row: loads, minima, a chain of dependences.
// A text of four letters, from a seed.
function textOf(n, seed) {
    const text = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
        seed = seed * 48271 % 2147483647;
        text[i] = 97 + seed % 4;
    }
    return text;
}

function distance(a, b) {
    const row = new Int32Array(b.length + 1);
    for (let j = 0; j <= b.length; j++) row[j] = j;
    for (let i = 0; i < a.length; i++) {
        const letter = a[i];
        let diagonal = i, left = i + 1;
        row[0] = left;
        for (let j = 0; j < b.length; j++) {
            const above = row[j + 1];
            let best = diagonal;
            if (b[j] !== letter) best = Math.min(best, above, left) + 1;
            row[j + 1] = left = best;
            diagonal = above;
        }
    }
    return row[b.length];
}

const n = Number(process.argv[2]);
console.log(distance(textOf(n, 42), textOf(n, 4711)));
