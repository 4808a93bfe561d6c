// Matrix product of 64-bit floats.
const n = Number(process.argv[2]);
const a = new Float64Array(n * n), b = new Float64Array(n * n), c = new Float64Array(n * n);
for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
        a[i * n + j] = (i + 1) / (j + 2);
        b[i * n + j] = (j - i) * 0.5;
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
console.log(Math.trunc(total * 1000.0));
