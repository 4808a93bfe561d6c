// Loads of bytes and a small state machine: counting lines, words and letters.
const ROUNDS = 24;

function makeText(length) {
    const text = new Uint8Array(length);
    let x = 42;
    for (let i = 0; i < length; i++) {
        x = (x * 3877 + 29573) % 139968;
        const v = x % 64;
        text[i] = v < 52 ? 97 + v % 26 : v < 61 ? 32 : 10;
    }
    return text;
}

function scan(text) {
    let lines = 0, words = 0, sum = 0, inWord = false;
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (c === 32) {
            inWord = false;
        } else if (c === 10) {
            inWord = false;
            lines++;
        } else {
            sum += c;
            if (!inWord) {
                inWord = true;
                words++;
            }
        }
    }
    return lines * 3 + words * 5 + sum;
}

const text = makeText(Number(process.argv[2]));
let total = 0;
for (let r = 0; r < ROUNDS; r++) total += scan(text) + r;
console.log(total);
