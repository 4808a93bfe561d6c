// Deep recursion: Ackermann's function of 3 and 5 to 9 in turn.
const FIRST = 5;

function ackermann(m, n) {
    if (m === 0) return n + 1;
    if (n === 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

const rounds = Number(process.argv[2]);
let sum = 0;
for (let round = 0; round < rounds; round++) sum += ackermann(3, round % 5 + FIRST);
console.log(sum);
