// Building, searching and cutting short strings.
const FIELDS = 16;
const lines = Number(process.argv[2]);
let total = 0, found = 0, check = 0;
for (let i = 1; i <= lines; i++) {
    let line = "";
    for (let k = 1; k <= FIELDS; k++) line += "k" + i * k + ",";
    total += line.length;
    const at = line.indexOf("7,k");
    if (at >= 0) found += at + 1;
    const part = line.slice(3, 13).toUpperCase();
    if (part === "K2,K3,K4,K") found++;
    check += part.charCodeAt(5);
}
console.log(total * 7 + found * 3 + check);
