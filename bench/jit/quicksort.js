// Sorting an array in place by parts around its middle element (Hoare): branches that cannot be foretold.
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

function quicksort(a, first, last) {
    if (first >= last) return;
    const pivot = a[(first + last) >> 1];
    let low = first, high = last;
    while (low <= high) {
        while (a[low] < pivot) low++;
        while (a[high] > pivot) high--;
        if (low > high) break;
        const x = a[low];
        a[low++] = a[high];
        a[high--] = x;
    }
    quicksort(a, first, high);
    quicksort(a, low, last);
}

const a = numbers(Number(process.argv[2]));
quicksort(a, 0, a.length - 1);
console.log(checksum(a));
