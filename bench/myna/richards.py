"""Tasks of a small operating system that hand packets to each other, after Martin Richards.

The size is how often the system runs until all is done. Printed are the packets that were queued
and how often a task was held.
"""
import sys

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
IDLE_TURNS = 10_000
WORDS_OF_PACKET = 4
FROM_DEVICE, WORK = range(2)


class Packet:
    def __init__(self, link, id, kind):
        self.link = link
        self.id = id
        self.kind = kind
        self.datum = 0
        self.words = [0] * WORDS_OF_PACKET

    def append_to(self, queue):
        """The queue with this packet at its end."""
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, scheduler, id, priority, queue=None):
        self.scheduler = scheduler
        self.id = id
        self.priority = priority
        self.queue = queue
        self.link = scheduler.last()
        self.runnable = queue is not None
        self.waiting = True
        self.held = False

    def is_blocked(self):
        return self.held or (self.waiting and not self.runnable)

    def run(self):
        if not (self.waiting and self.runnable):
            return self.work(None)
        packet = self.queue
        self.queue = packet.link
        self.waiting = False
        self.runnable = self.queue is not None
        return self.work(packet)

    def take(self, packet, sender):
        """Takes a packet; returns who is to run then: this one, if it is more urgent than the sender."""
        if self.queue is not None:
            packet.append_to(self.queue)
            return sender
        self.queue = packet
        self.runnable = True
        return self if self.priority > sender.priority else sender


class IdleTask(Task):
    def __init__(self, scheduler, id, priority):
        super().__init__(scheduler, id, priority)
        self.waiting = False
        self.seed = 1
        self.left = IDLE_TURNS

    def work(self, packet):
        self.left -= 1
        if self.left == 0:
            return self.scheduler.hold()
        if self.seed & 1 == 0:
            self.seed >>= 1
            return self.scheduler.release(DEVICE_A)
        self.seed = (self.seed >> 1) ^ 0xD008
        return self.scheduler.release(DEVICE_B)


class WorkerTask(Task):
    def __init__(self, scheduler, id, priority, queue):
        super().__init__(scheduler, id, priority, queue)
        self.receiver = HANDLER_A
        self.letter = 0

    def work(self, packet):
        if packet is None:
            return self.scheduler.wait()
        self.receiver = HANDLER_B if self.receiver == HANDLER_A else HANDLER_A
        packet.id = self.receiver
        packet.datum = 0
        for i in range(WORDS_OF_PACKET):
            self.letter += 1
            if self.letter > 26:
                self.letter = 1
            packet.words[i] = self.letter
        return self.scheduler.send(packet)


class HandlerTask(Task):
    def __init__(self, scheduler, id, priority, queue):
        super().__init__(scheduler, id, priority, queue)
        self.work_in = None
        self.device_in = None

    def work(self, packet):
        if packet is not None:
            if packet.kind == WORK:
                self.work_in = packet.append_to(self.work_in)
            else:
                self.device_in = packet.append_to(self.device_in)
        job = self.work_in
        if job is None:
            return self.scheduler.wait()
        at = job.datum
        if at >= WORDS_OF_PACKET:
            self.work_in = job.link
            return self.scheduler.send(job)
        free = self.device_in
        if free is None:
            return self.scheduler.wait()
        self.device_in = free.link
        free.datum = job.words[at]
        job.datum = at + 1
        return self.scheduler.send(free)


class DeviceTask(Task):
    def __init__(self, scheduler, id, priority):
        super().__init__(scheduler, id, priority)
        self.pending = None

    def work(self, packet):
        if packet is not None:
            self.pending = packet
            return self.scheduler.hold()
        ready = self.pending
        if ready is None:
            return self.scheduler.wait()
        self.pending = None
        return self.scheduler.send(ready)


class Scheduler:
    def __init__(self):
        self.queued = 0
        self.holds = 0
        self.tasks = []
        self.current = None

    def last(self):
        return self.tasks[-1] if self.tasks else None

    def add(self, task):
        self.tasks.append(task)

    def run(self):
        self.current = self.last()
        while self.current is not None:
            task = self.current
            self.current = task.link if task.is_blocked() else task.run()

    def wait(self):
        """The running task waits for a packet."""
        self.current.waiting = True
        return self.current

    def hold(self):
        """The running task stops until it is released."""
        self.holds += 1
        self.current.held = True
        return self.current.link

    def release(self, id):
        task = self.tasks[id]
        task.held = False
        return task if task.priority > self.current.priority else self.current

    def send(self, packet):
        """Puts a packet into the queue of the task that it is for."""
        receiver = self.tasks[packet.id]
        self.queued += 1
        packet.link = None
        packet.id = self.current.id
        return receiver.take(packet, self.current)


def packets(count, id, kind):
    queue = None
    for _ in range(count):
        queue = Packet(queue, id, kind)
    return queue


def system():
    s = Scheduler()
    s.add(IdleTask(s, IDLE, 0))
    s.add(WorkerTask(s, WORKER, 1000, packets(2, WORKER, WORK)))
    s.add(HandlerTask(s, HANDLER_A, 2000, packets(3, DEVICE_A, FROM_DEVICE)))
    s.add(HandlerTask(s, HANDLER_B, 3000, packets(3, DEVICE_B, FROM_DEVICE)))
    s.add(DeviceTask(s, DEVICE_A, 4000))
    s.add(DeviceTask(s, DEVICE_B, 5000))
    return s


def main():
    queued = holds = 0
    for _ in range(int(sys.argv[1])):
        scheduler = system()
        scheduler.run()
        queued += scheduler.queued
        holds += scheduler.holds
    print(queued, holds)


main()
