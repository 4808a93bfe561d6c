// Bytes to base64 and back: shifts, masks and tables.
const ROUNDS = 16;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const digits = new Uint8Array(64), values = new Uint8Array(256);
for (let i = 0; i < 64; i++) {
    digits[i] = alphabet.charCodeAt(i);
    values[digits[i]] = i;
}

// `to` has four bytes for each three of `from`, whose length is a multiple of three.
function encode(from, to) {
    let at = 0;
    for (let i = 0; i < from.length; i += 3) {
        const group = from[i] << 16 | from[i + 1] << 8 | from[i + 2];
        to[at++] = digits[group >> 18];
        to[at++] = digits[group >> 12 & 63];
        to[at++] = digits[group >> 6 & 63];
        to[at++] = digits[group & 63];
    }
}

// The way back.
function decode(from, to) {
    let at = 0;
    for (let i = 0; i < from.length; i += 4) {
        let group = 0;
        for (let k = 0; k < 4; k++) group = group << 6 | values[from[i + k]];
        to[at++] = group >> 16;
        to[at++] = group >> 8;
        to[at++] = group;
    }
}

const n = Number(process.argv[2]);
const text = new Uint8Array(n), encoded = new Uint8Array(n / 3 * 4), decoded = new Uint8Array(n);
for (let i = 0; i < n; i++) text[i] = i * i + (i >> 3);
let sum = 0;
for (let round = 0; round < ROUNDS; round++) {
    text[0] = round;
    encode(text, encoded);
    decode(encoded, decoded);
    for (let i = round; i < n; i += 7) sum += encoded[i] + decoded[i];
}
console.log(sum);
