// Search in the documentation: each word of the query stands somewhere in the path, names that begin with it first.
"use strict";
const entries = ENTRIES;
const box = document.getElementById("search");
const found = document.getElementById("found");
const page = document.getElementById("page");

function rank(path, words) {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf(".") + 1);
  if (!words.every((word) => lower.includes(word))) return -1;
  const last = words[words.length - 1];
  if (name === last) return 0;
  if (name.startsWith(last)) return 1;
  return name.includes(last) ? 2 : 3;
}

function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter((word) => word);
  found.hidden = words.length === 0;
  page.hidden = words.length > 0;
  found.replaceChildren();
  const hits = entries
    .map((entry) => [rank(entry[0], words), entry])
    .filter(([rank]) => rank >= 0)
    .sort((a, b) => a[0] - b[0] || a[1][0].length - b[1][0].length)
    .slice(0, words.length ? 100 : 0);
  for (const [, [path, kind, place, said]] of hits) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const what = document.createElement("small");
    const text = document.createElement("div");
    link.href = place;
    link.textContent = path;
    what.textContent = kind;
    text.textContent = said;
    item.append(link, what, text);
    found.append(item);
  }
  if (words.length && !hits.length) found.textContent = "Nothing has this in its name.";
}

box.addEventListener("input", search);
// A hit on the page that is shown already only moves it.
found.addEventListener("click", () => { box.value = ""; search(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
  if (event.key === "Escape") { box.value = ""; search(); }
  if (event.key === "Enter" && document.activeElement === box) found.querySelector("a")?.click();
});
// A search can stand in the address: index.html?search=parse
box.value = new URLSearchParams(location.search).get("search") ?? "";
search();
