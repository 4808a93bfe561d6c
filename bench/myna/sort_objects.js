// People, sorted by a number and by their names, with closures for the keys.
//
// The size is how many there are. Printed is a number made of the two orders.

class Random {
    constructor() {
        this.seed = 74755;
    }

    next() {
        this.seed = (this.seed * 1309 + 13849) & 65535;
        return this.seed;
    }
}

class Person {
    constructor(id, name, score) {
        this.id = id;
        this.name = name;
        this.score = score;
    }
}

function order(people) {
    let number = 0;
    for (const person of people) number = (number * 31 + person.id) % 1000003;
    return number;
}

const size = Number(process.argv[2]);
const random = new Random();
const people = [];
for (let i = 0; i < size; i++) {
    const score = random.next() * size + i;
    people.push(new Person(i, `person ${random.next()} ${i}`, score));
}
people.sort((a, b) => a.score - b.score);
const byScore = order(people);
people.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
const byName = order(people);
console.log(`${byScore} ${byName}`);
