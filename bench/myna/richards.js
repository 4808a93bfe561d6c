// Tasks of a small operating system that hand packets to each other, after Martin Richards.
//
// The size is how often the system runs until all is done. Printed are the packets that were queued
// and how often a task was held.

const IDLE = 0, WORKER = 1, HANDLER_A = 2, HANDLER_B = 3, DEVICE_A = 4, DEVICE_B = 5;
const IDLE_TURNS = 10000, WORDS_OF_PACKET = 4;
const FROM_DEVICE = 0, WORK = 1;

class Packet {
    constructor(link, id, kind) {
        this.link = link;
        this.id = id;
        this.kind = kind;
        this.datum = 0;
        this.words = new Array(WORDS_OF_PACKET).fill(0);
    }

    // The queue with this packet at its end.
    appendTo(queue) {
        this.link = null;
        if (queue === null) return this;
        let last = queue;
        while (last.link !== null) last = last.link;
        last.link = this;
        return queue;
    }
}

class Task {
    constructor(scheduler, id, priority, queue = null) {
        this.scheduler = scheduler;
        this.id = id;
        this.priority = priority;
        this.queue = queue;
        this.link = scheduler.last();
        this.runnable = queue !== null;
        this.waiting = true;
        this.held = false;
    }

    isBlocked() {
        return this.held || (this.waiting && !this.runnable);
    }

    run() {
        if (!(this.waiting && this.runnable)) return this.work(null);
        const packet = this.queue;
        this.queue = packet.link;
        this.waiting = false;
        this.runnable = this.queue !== null;
        return this.work(packet);
    }

    // Takes a packet; returns who is to run then: this one, if it is more urgent than the sender.
    take(packet, sender) {
        if (this.queue !== null) {
            packet.appendTo(this.queue);
            return sender;
        }
        this.queue = packet;
        this.runnable = true;
        return this.priority > sender.priority ? this : sender;
    }
}

class IdleTask extends Task {
    constructor(scheduler, id, priority) {
        super(scheduler, id, priority);
        this.waiting = false;
        this.seed = 1;
        this.left = IDLE_TURNS;
    }

    work(packet) {
        this.left--;
        if (this.left === 0) return this.scheduler.hold();
        if ((this.seed & 1) === 0) {
            this.seed >>= 1;
            return this.scheduler.release(DEVICE_A);
        }
        this.seed = (this.seed >> 1) ^ 0xd008;
        return this.scheduler.release(DEVICE_B);
    }
}

class WorkerTask extends Task {
    constructor(scheduler, id, priority, queue) {
        super(scheduler, id, priority, queue);
        this.receiver = HANDLER_A;
        this.letter = 0;
    }

    work(packet) {
        if (packet === null) return this.scheduler.wait();
        this.receiver = this.receiver === HANDLER_A ? HANDLER_B : HANDLER_A;
        packet.id = this.receiver;
        packet.datum = 0;
        for (let i = 0; i < WORDS_OF_PACKET; i++) {
            this.letter++;
            if (this.letter > 26) this.letter = 1;
            packet.words[i] = this.letter;
        }
        return this.scheduler.send(packet);
    }
}

class HandlerTask extends Task {
    constructor(scheduler, id, priority, queue) {
        super(scheduler, id, priority, queue);
        this.workIn = null;
        this.deviceIn = null;
    }

    work(packet) {
        if (packet !== null) {
            if (packet.kind === WORK) {
                this.workIn = packet.appendTo(this.workIn);
            } else {
                this.deviceIn = packet.appendTo(this.deviceIn);
            }
        }
        const job = this.workIn;
        if (job === null) return this.scheduler.wait();
        const at = job.datum;
        if (at >= WORDS_OF_PACKET) {
            this.workIn = job.link;
            return this.scheduler.send(job);
        }
        const free = this.deviceIn;
        if (free === null) return this.scheduler.wait();
        this.deviceIn = free.link;
        free.datum = job.words[at];
        job.datum = at + 1;
        return this.scheduler.send(free);
    }
}

class DeviceTask extends Task {
    constructor(scheduler, id, priority) {
        super(scheduler, id, priority);
        this.pending = null;
    }

    work(packet) {
        if (packet !== null) {
            this.pending = packet;
            return this.scheduler.hold();
        }
        const ready = this.pending;
        if (ready === null) return this.scheduler.wait();
        this.pending = null;
        return this.scheduler.send(ready);
    }
}

class Scheduler {
    constructor() {
        this.queued = 0;
        this.holds = 0;
        this.tasks = [];
        this.current = null;
    }

    last() {
        return this.tasks.length === 0 ? null : this.tasks[this.tasks.length - 1];
    }

    add(task) {
        this.tasks.push(task);
    }

    run() {
        this.current = this.last();
        while (this.current !== null) {
            this.current = this.current.isBlocked() ? this.current.link : this.current.run();
        }
    }

    // The running task waits for a packet.
    wait() {
        this.current.waiting = true;
        return this.current;
    }

    // The running task stops until it is released.
    hold() {
        this.holds++;
        this.current.held = true;
        return this.current.link;
    }

    release(id) {
        const task = this.tasks[id];
        task.held = false;
        return task.priority > this.current.priority ? task : this.current;
    }

    // Puts a packet into the queue of the task that it is for.
    send(packet) {
        const receiver = this.tasks[packet.id];
        this.queued++;
        packet.link = null;
        packet.id = this.current.id;
        return receiver.take(packet, this.current);
    }
}

function packets(count, id, kind) {
    let queue = null;
    for (let i = 0; i < count; i++) queue = new Packet(queue, id, kind);
    return queue;
}

function system() {
    const s = new Scheduler();
    s.add(new IdleTask(s, IDLE, 0));
    s.add(new WorkerTask(s, WORKER, 1000, packets(2, WORKER, WORK)));
    s.add(new HandlerTask(s, HANDLER_A, 2000, packets(3, DEVICE_A, FROM_DEVICE)));
    s.add(new HandlerTask(s, HANDLER_B, 3000, packets(3, DEVICE_B, FROM_DEVICE)));
    s.add(new DeviceTask(s, DEVICE_A, 4000));
    s.add(new DeviceTask(s, DEVICE_B, 5000));
    return s;
}

const size = Number(process.argv[2]);
let queued = 0, holds = 0;
for (let i = 0; i < size; i++) {
    const scheduler = system();
    scheduler.run();
    queued += scheduler.queued;
    holds += scheduler.holds;
}
console.log(queued + " " + holds);
