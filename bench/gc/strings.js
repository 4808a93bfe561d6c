// Strings: lines put together from small pieces, split, joined again, and all of them collected.
"use strict";
const LINES = Number(process.argv[2]), FIELDS = 16;

let text = "", sum = 0;
for (let i = 1; i <= LINES; i++) {
    let line = "";
    for (let k = 1; k <= FIELDS; k++) {
        line += "k";
        line += i * k;
        line += ",";
    }
    const parts = line.split(",");
    sum += parts.length;
    text += parts.join(";");
}
const length = text.length;
sum += length + text.charCodeAt(length >> 1);
console.log(String(sum));
