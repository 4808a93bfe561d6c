// How often each word occurs in a text, and which do most often.
//
// The size is the number of words. Printed are how many different ones there are and the first five.

class Random {
    constructor() {
        this.seed = 74755;
    }

    next() {
        this.seed = (this.seed * 1309 + 13849) & 65535;
        return this.seed;
    }
}

const syllables = "ba con de fi gu ha in jo ka lem mo ni or pe qui ra".split(" ");

function textOf(size) {
    const random = new Random();
    const words = [];
    for (let i = 0; i < size; i++) {
        const n = Math.floor((random.next() * random.next()) / 524288);
        const tail = n % 3 === 0 ? "" : syllables[(n >> 8) % 16];
        words.push(syllables[n % 16] + syllables[(n >> 4) % 16] + tail);
    }
    return words.join(" ");
}

const size = Number(process.argv[2]);
const counts = new Map();
for (const word of textOf(size).split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
const ranking = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
const first = ranking.slice(0, 5).map(([word, count]) => `${word} ${count}`);
console.log(`${counts.size} ${first.join(" ")}`);
