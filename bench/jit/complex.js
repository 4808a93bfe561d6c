// Product of two matrices of complex numbers, each an object of its own: many small objects that die at once.
class Complex {
    constructor(re, im) {
        this.re = re;
        this.im = im;
    }

    plus(b) {
        return new Complex(this.re + b.re, this.im + b.im);
    }

    times(b) {
        return new Complex(this.re * b.re - this.im * b.im, this.re * b.im + this.im * b.re);
    }
}

function matrix(n, factor) {
    const rows = [];
    for (let i = 0; i < n; i++) {
        const row = [];
        for (let j = 0; j < n; j++) row.push(new Complex((i * factor + j) % 10, (i + j) % factor));
        rows.push(row);
    }
    return rows;
}

function multiply(a, b) {
    const n = a.length, rows = [];
    for (let i = 0; i < n; i++) {
        const row = [];
        for (let j = 0; j < n; j++) {
            let sum = new Complex(0, 0);
            for (let k = 0; k < n; k++) sum = sum.plus(a[i][k].times(b[k][j]));
            row.push(sum);
        }
        rows.push(row);
    }
    return rows;
}

const n = Number(process.argv[2]);
let check = 0;
for (const row of multiply(matrix(n, 3), matrix(n, 7))) {
    for (const x of row) check += x.re + 3 * x.im;
}
console.log(check);
