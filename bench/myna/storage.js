// Trees of arrays: seven levels, four branches each, leaves of random length.
//
// The size is how many are built. Printed are the nodes made and the room in the leaves.

class Random {
    constructor() {
        this.seed = 74755;
    }

    next() {
        this.seed = (this.seed * 1309 + 13849) & 65535;
        return this.seed;
    }
}

class Tree {
    constructor(parts) {
        this.parts = parts;
    }
}

class Builder {
    constructor() {
        this.nodes = 0;
        this.random = new Random();
    }

    build(depth) {
        this.nodes++;
        if (depth === 1) return new Tree(new Array((this.random.next() % 10) + 1).fill(null));
        const parts = new Array(4).fill(null);
        for (let i = 0; i < 4; i++) parts[i] = this.build(depth - 1);
        return new Tree(parts);
    }
}

// The room in the leaves.
function room(tree) {
    if (tree.parts[0] === null) return tree.parts.length;
    let sum = 0;
    for (const part of tree.parts) sum += room(part);
    return sum;
}

const size = Number(process.argv[2]);
let nodes = 0, sum = 0;
for (let i = 0; i < size; i++) {
    const builder = new Builder();
    sum += room(builder.build(7));
    nodes += builder.nodes;
}
console.log(nodes + " " + sum);
