// Spectral norm of an infinite matrix, cut at the size: calls of a small function, division of floats.
const STEPS = 10;

// The element of the matrix at a row and a column.
function element(row, column) {
    return 1 / ((row + column) * (row + column + 1) / 2 + row + 1);
}

function multiply(v, product) {
    for (let i = 0; i < v.length; i++) {
        let sum = 0;
        for (let j = 0; j < v.length; j++) sum += element(i, j) * v[j];
        product[i] = sum;
    }
}

function multiplyTransposed(v, product) {
    for (let i = 0; i < v.length; i++) {
        let sum = 0;
        for (let j = 0; j < v.length; j++) sum += element(j, i) * v[j];
        product[i] = sum;
    }
}

const n = Number(process.argv[2]);
const u = new Float64Array(n).fill(1), v = new Float64Array(n), between = new Float64Array(n);
for (let step = 0; step < STEPS; step++) {
    multiply(u, between);
    multiplyTransposed(between, v);
    multiply(v, between);
    multiplyTransposed(between, u);
}
let uv = 0, vv = 0;
for (let i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
}
console.log(Math.trunc(Math.sqrt(uv / vv) * 1e9));
