// Generic containers of ints and of floats: a heap written here, and lists and maps.
//
// The size is how many values each takes. Printed are sums of what comes out.

class Random {
    constructor() {
        this.seed = 74755;
    }

    next() {
        this.seed = (this.seed * 1309 + 13849) & 65535;
        return this.seed;
    }

    // A number from 0 to 1.
    fraction() {
        return this.next() / 65536;
    }
}

// Gives the smallest of its items first.
class Heap {
    constructor() {
        this.items = [];
    }

    isEmpty() {
        return this.items.length === 0;
    }

    push(item) {
        const items = this.items;
        items.push(item);
        let at = items.length - 1;
        while (at > 0) {
            const parent = (at - 1) >> 1;
            if (items[parent] <= items[at]) break;
            this.swap(at, parent);
            at = parent;
        }
    }

    pop() {
        const top = this.items[0];
        const last = this.items.pop();
        if (!this.isEmpty()) {
            this.items[0] = last;
            this.sink();
        }
        return top;
    }

    sink() {
        const items = this.items;
        let at = 0;
        while (true) {
            let child = 2 * at + 1;
            if (child >= items.length) break;
            if (child + 1 < items.length && items[child + 1] < items[child]) child++;
            if (items[at] <= items[child]) break;
            this.swap(at, child);
            at = child;
        }
    }

    swap(i, j) {
        const item = this.items[i];
        this.items[i] = this.items[j];
        this.items[j] = item;
    }
}

function ofInts(size, random) {
    const heap = new Heap();
    for (let i = 0; i < size; i++) heap.push(random.next() * 65536 + random.next());
    let sum = 0;
    while (!heap.isEmpty()) sum = (sum * 31 + heap.pop()) % 1000003;
    const counts = new Map();
    for (let i = 0; i < size; i++) {
        const key = random.next() % 5000;
        counts.set(key, (counts.get(key) ?? 0) + i);
    }
    for (const [key, count] of counts) sum += (key + 1) * (count % 1000);
    const list = [];
    for (let i = 0; i < size; i++) list.push(random.next());
    return sum + list.map((n) => n * 2).filter((n) => n % 3 === 0).reduce((a, b) => a + b, 0);
}

function ofFloats(size, random) {
    const heap = new Heap();
    for (let i = 0; i < size; i++) heap.push(random.fraction());
    let sum = 0;
    while (!heap.isEmpty()) sum = sum * 0.5 + heap.pop();
    sum = Math.floor(sum * 1024);
    const totals = new Map();
    for (let i = 0; i < size; i++) {
        const key = random.next() % 5000;
        totals.set(key, (totals.get(key) ?? 0) + random.fraction());
    }
    for (const [key, total] of totals) sum += total * (key % 4);
    const list = [];
    for (let i = 0; i < size; i++) list.push(random.fraction());
    return sum + list.map((x) => x * 2).filter((x) => x > 0.5).reduce((a, b) => a + b, 0);
}

const size = Number(process.argv[2]);
const random = new Random();
const ints = ofInts(size, random);
const floats = ofFloats(size, random);
console.log(`${ints} ${Math.trunc(floats)}`);
