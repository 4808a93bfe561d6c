// Lines that are built, joined, taken apart, searched and changed.
//
// The size is the number of lines. Printed are sums of lengths and of what was found.

function line(i) {
    let stars = "";
    for (let j = 0; j < i % 7; j++) stars += "*";
    return `order ${i} of ${(i * 7) % 1000} pieces ${stars}`;
}

const size = Number(process.argv[2]);
const lines = [];
for (let i = 0; i < size; i++) lines.push(line(i));
const text = lines.join("\n");
let length = 0, found = 0;
for (const line of text.split("\n")) {
    const fields = line.split(" ");
    if (fields[1].endsWith("7")) found++;
    if (line.includes("**")) found++;
    found += line.indexOf("pieces");
    const changed = line.replaceAll("order", "invoice").toUpperCase();
    length += changed.length + Number(fields[3]);
}
console.log(`${text.length} ${length} ${found}`);
