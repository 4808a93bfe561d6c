// Methods of three classes, called in an order that cannot be foretold.
const SHAPES = 1000;

class Square {
    constructor(side) {
        this.side = side;
    }

    area(by) {
        const side = this.side + by;
        return side * side;
    }
}

class Rectangle {
    constructor(width, height) {
        this.width = width;
        this.height = height;
    }

    area(by) {
        return (this.width + by) * this.height;
    }
}

class Triangle {
    constructor(base, height) {
        this.base = base;
        this.height = height;
    }

    area(by) {
        return this.base * (this.height + by) >> 1;
    }
}

// A shape with these sizes, of which class they say too.
function shapeOf(kind, a, b) {
    switch (kind) {
        case 0: return new Square(a);
        case 1: return new Rectangle(a, b);
        default: return new Triangle(a, b);
    }
}

const rounds = Number(process.argv[2]);
const shapes = [];
let x = 42, sum = 0;
for (let i = 0; i < SHAPES; i++) {
    x = x * 48271 % 2147483647;
    shapes.push(shapeOf(x % 3, x % 97, x % 89));
}
for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < SHAPES; i++) sum += shapes[i].area(round & 7);
}
console.log(sum);
