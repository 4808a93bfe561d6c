// Functions with captured values, made in a loop and called through a table.
const FUNCTIONS = 60, MODULUS = 1048573;

// A function that keeps `k` and what follows from it.
function maker(kind, k) {
    switch (kind) {
        case 0:
            return x => (x + k) % MODULUS;
        case 1: {
            const shift = k + 7;
            return x => (x * k + shift) % MODULUS;
        }
        default: {
            const limit = k * 1000;
            return x => x < limit ? limit - x : x - limit;
        }
    }
}

const rounds = Number(process.argv[2]);
const functions = [];
for (let i = 0; i < FUNCTIONS; i++) functions.push(maker(i % 3, i + 3));
let sum = 0, x = 1;
for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < FUNCTIONS; i++) x = functions[i](x);
    sum += x;
}
console.log(sum);
