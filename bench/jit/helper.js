// Calls of small functions in a loop.
function clip(x, low, high) {
    if (x < low) return low;
    if (x > high) return high;
    return x;
}

function step(x) {
    x += 7;
    return x > 1000 ? x - 2000 : x;
}

const count = Number(process.argv[2]);
let sum = 0, x = 0;
for (let i = 0; i < count; i++) {
    x = step(x);
    sum += clip(x, -300, 500);
}
console.log(sum);
