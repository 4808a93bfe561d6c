// Sorting an array in place as a heap: loads that jump about.
// Numbers that follow from each other without an order.
function numbers(n) {
    const a = new Int32Array(n);
    let x = 42;
    for (let i = 0; i < n; i++) {
        x = x * 48271 % 2147483647;
        a[i] = x;
    }
    return a;
}

// A number that depends on all numbers and their order.
function checksum(a) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum = (sum * 31 + a[i]) % 1000000007;
    return sum;
}

// Moves the element at `root` down to its place among the first `size` elements.
function sift(a, root, size) {
    const x = a[root];
    for (let child = 2 * root + 1; child < size; child = 2 * root + 1) {
        if (child + 1 < size && a[child + 1] > a[child]) child++;
        if (x >= a[child]) break;
        a[root] = a[child];
        root = child;
    }
    a[root] = x;
}

function heapsort(a) {
    for (let root = (a.length >> 1) - 1; root >= 0; root--) sift(a, root, a.length);
    for (let last = a.length - 1; last > 0; last--) {
        const x = a[0];
        a[0] = a[last];
        a[last] = x;
        sift(a, 0, last);
    }
}

const a = numbers(Number(process.argv[2]));
heapsort(a);
console.log(checksum(a));
