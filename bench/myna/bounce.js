// A hundred balls in a box: how often they bounce in fifty steps.
//
// The size is how often that is played. Printed is the number of bounces.

class Random {
    constructor() {
        this.seed = 74755;
    }

    next() {
        this.seed = (this.seed * 1309 + 13849) & 65535;
        return this.seed;
    }
}

const LIMIT = 500;

class Ball {
    constructor(random) {
        this.x = random.next() % 500;
        this.y = random.next() % 500;
        this.vx = (random.next() % 300) - 150;
        this.vy = (random.next() % 300) - 150;
    }

    // Moves one step; whether it hits a wall.
    step() {
        let bounced = false;
        this.x += this.vx;
        this.y += this.vy;
        if (this.x > LIMIT) {
            this.x = LIMIT;
            this.vx = -Math.abs(this.vx);
            bounced = true;
        }
        if (this.x < 0) {
            this.x = 0;
            this.vx = Math.abs(this.vx);
            bounced = true;
        }
        if (this.y > LIMIT) {
            this.y = LIMIT;
            this.vy = -Math.abs(this.vy);
            bounced = true;
        }
        if (this.y < 0) {
            this.y = 0;
            this.vy = Math.abs(this.vy);
            bounced = true;
        }
        return bounced;
    }
}

const size = Number(process.argv[2]);
let bounces = 0;
for (let i = 0; i < size; i++) {
    const random = new Random();
    const balls = [];
    for (let j = 0; j < 100; j++) balls.push(new Ball(random));
    for (let j = 0; j < 50; j++) {
        for (const ball of balls) {
            if (ball.step()) bounces++;
        }
    }
}
console.log(bounces);
