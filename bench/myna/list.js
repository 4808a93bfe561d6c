// The function of Takeuchi on the lengths of linked lists, which it never counts.
//
// The size is how often it is called. Printed is the sum of the lengths of what comes out.

class Element {
    constructor(value, next) {
        this.value = value;
        this.next = next;
    }

    length() {
        return this.next === null ? 1 : 1 + this.next.length();
    }
}

function make(length) {
    return length === 0 ? null : new Element(length, make(length - 1));
}

function isShorter(x, than) {
    let left = x, right = than;
    while (right !== null) {
        if (left === null) return true;
        left = left.next;
        right = right.next;
    }
    return false;
}

function tail(x, y, z) {
    if (!isShorter(y, x)) return z;
    return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y));
}

const size = Number(process.argv[2]);
let sum = 0;
for (let i = 0; i < size; i++) sum += tail(make(15), make(10), make(6)).length();
console.log(sum);
