// CRC-32 of some bytes by a table of 256 numbers: a chain of dependent loads.
const ROUNDS = 16;

function makeTable() {
    const table = new Int32Array(256);
    for (let i = 0; i < 256; i++) {
        let c = i;
        for (let k = 0; k < 8; k++) c = c & 1 ? c >>> 1 ^ 0xedb88320 : c >>> 1;
        table[i] = c;
    }
    return table;
}

function crcOf(text, table) {
    let crc = -1;
    for (let i = 0; i < text.length; i++) crc = crc >>> 8 ^ table[(crc ^ text[i]) & 255];
    return (crc ^ -1) >>> 0;
}

const table = makeTable();
const text = new Uint8Array(Number(process.argv[2]));
for (let i = 0; i < text.length; i++) text[i] = i * i + (i >> 3);
let sum = 0;
for (let round = 0; round < ROUNDS; round++) {
    text[0] = round;
    sum += crcOf(text, table);
}
console.log(sum);
