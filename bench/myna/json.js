// A text in JSON: made, read, walked and written again.
//
// The size is the number of records. Printed are sums of what is in them and whether the text that is
// written is the one that was read.

class Random {
    constructor() {
        this.seed = 74755;
    }

    next() {
        this.seed = (this.seed * 1309 + 13849) & 65535;
        return this.seed;
    }
}

function quarters(n) {
    return Math.floor(n / 4) + ["", ".25", ".5", ".75"][n % 4];
}

function recordText(id, random) {
    const active = random.next() % 2 === 0 ? "true" : "false";
    const scores = [quarters(random.next()), quarters(random.next()), quarters(random.next())];
    const name = `"the \\"${id}th\\" one\\n"`;
    const place = `{"x":${random.next()},"y":-${random.next()}}`;
    return `{"active":${active},"id":${id},"name":${name},"place":${place},"scores":[${scores.join(",")}],"tag":null}`;
}

class Totals {
    constructor() {
        this.numbers = 0;
        this.letters = 0;
        this.flags = 0;
        this.nulls = 0;
    }

    add(value) {
        if (value === null) this.nulls++;
        else if (typeof value === "boolean") this.flags += value ? 1 : 0;
        else if (typeof value === "number") this.numbers += value;
        else if (typeof value === "string") this.letters += value.length;
        else if (Array.isArray(value)) for (const item of value) this.add(item);
        else for (const item of Object.values(value)) this.add(item);
    }
}

const size = Number(process.argv[2]);
const random = new Random();
const records = [];
for (let id = 0; id < size; id++) records.push(recordText(id, random));
const text = `[${records.join(",")}]`;
const value = JSON.parse(text);
const totals = new Totals();
totals.add(value);
const same = JSON.stringify(value) === text;
console.log(`${text.length} ${Math.trunc(totals.numbers)} ${totals.letters} ${totals.flags} ${totals.nulls} ${same}`);
