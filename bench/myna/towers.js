// The towers of Hanoi with 13 disks, each pile a linked list.
//
// The size is how often they are moved. Printed is the number of moves.

class Disk {
    constructor(size) {
        this.size = size;
        this.below = null;
    }
}

class Towers {
    constructor() {
        this.moves = 0;
        this.piles = [null, null, null];
    }

    // Builds a pile of so many disks.
    build(pile, disks) {
        for (let size = disks - 1; size >= 0; size--) this.push(new Disk(size), pile);
    }

    // Moves so many disks from one pile to another.
    transfer(disks, from, to) {
        if (disks === 1) {
            this.moveTop(from, to);
            return;
        }
        const other = 3 - from - to;
        this.transfer(disks - 1, from, other);
        this.moveTop(from, to);
        this.transfer(disks - 1, other, to);
    }

    moveTop(from, to) {
        this.push(this.pop(from), to);
        this.moves++;
    }

    push(disk, pile) {
        const top = this.piles[pile];
        if (top !== null && disk.size >= top.size) throw new Error("a large disk on a small one");
        disk.below = top;
        this.piles[pile] = disk;
    }

    pop(pile) {
        const top = this.piles[pile];
        if (top === null) throw new Error("the pile is empty");
        this.piles[pile] = top.below;
        top.below = null;
        return top;
    }
}

const size = Number(process.argv[2]);
let sum = 0;
for (let i = 0; i < size; i++) {
    const towers = new Towers();
    towers.build(0, 13);
    towers.transfer(13, 0, 1);
    sum += towers.moves;
}
console.log(sum);
