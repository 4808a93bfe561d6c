// Stores to and loads from an array of bytes, with a stride.
const ROUNDS = 6;

function sieve(prime) {
    const limit = prime.length;
    let count = 0;
    for (let i = 0; i < limit; i++) prime[i] = 1;
    for (let i = 2; i < limit; i++) {
        if (!prime[i]) continue;
        count++;
        for (let j = i * i; j < limit; j += i) prime[j] = 0;
    }
    return count;
}

const prime = new Uint8Array(Number(process.argv[2]));
let sum = 0;
for (let r = 0; r < ROUNDS; r++) sum += sieve(prime) + r;
console.log(sum);
