// Float arithmetic with a data-dependent exit; no memory.
const STEPS = 150;
const size = Number(process.argv[2]);
let total = 0;
for (let py = 0; py < size; py++) {
    const y0 = py * (2.4 / size) - 1.2;
    for (let px = 0; px < size; px++) {
        const x0 = px * (3.0 / size) - 2.2;
        let x = 0.0, y = 0.0, n = 0;
        while (n < STEPS) {
            const xx = x * x, yy = y * y;
            if (xx + yy > 4.0) break;
            y = 2.0 * x * y + y0;
            x = xx - yy + x0;
            n++;
        }
        total += n;
    }
}
console.log(total);
