// All permutations of six numbers, made by exchanging two of them.
//
// The size is how often. Printed is how many calls that takes.

class Permutations {
    constructor() {
        this.calls = 0;
        this.values = [0, 1, 2, 3, 4, 5];
    }

    // Makes all permutations of the first n values.
    permute(n) {
        this.calls++;
        if (n === 0) return;
        this.permute(n - 1);
        for (let i = n - 1; i >= 0; i--) {
            this.swap(n - 1, i);
            this.permute(n - 1);
            this.swap(n - 1, i);
        }
    }

    swap(i, j) {
        const value = this.values[i];
        this.values[i] = this.values[j];
        this.values[j] = value;
    }
}

const size = Number(process.argv[2]);
let sum = 0;
for (let i = 0; i < size; i++) {
    const permutations = new Permutations();
    permutations.permute(6);
    sum += permutations.calls;
}
console.log(sum);
