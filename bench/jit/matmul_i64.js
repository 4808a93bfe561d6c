// Matrix product of 64-bit integers: two loads, a multiplication and an addition in the innermost loop.
const n = Number(process.argv[2]);
const a = new Float64Array(n * n), b = new Float64Array(n * n), c = new Float64Array(n * n);
for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
        a[i * n + j] = i * 3 + j;
        b[i * n + j] = i - j * 2;
    }
}
for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
        c[i * n + j] = sum;
    }
}
let total = 0;
for (let i = 0; i < n; i++) total += c[i * n + (n - 1 - i)] + c[i * n + i];
console.log(total);
