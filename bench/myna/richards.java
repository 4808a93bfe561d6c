// Tasks of a small operating system that hand packets to each other, after Martin Richards.
//
// The size is how often the system runs until all is done. Printed are the packets that were queued
// and how often a task was held.
import java.util.ArrayList;

class Richards {
    static final int IDLE = 0, WORKER = 1, HANDLER_A = 2, HANDLER_B = 3, DEVICE_A = 4, DEVICE_B = 5;
    static final int IDLE_TURNS = 10_000, WORDS_OF_PACKET = 4;

    enum Kind { FROM_DEVICE, WORK }

    static class Packet {
        Packet link;
        int id;
        final Kind kind;
        int datum = 0;
        final int[] words = new int[WORDS_OF_PACKET];

        Packet(Packet link, int id, Kind kind) {
            this.link = link;
            this.id = id;
            this.kind = kind;
        }

        /** The queue with this packet at its end. */
        Packet appendTo(Packet queue) {
            link = null;
            if (queue == null) return this;
            Packet last = queue;
            while (last.link != null) last = last.link;
            last.link = this;
            return queue;
        }
    }

    static abstract class Task {
        final Scheduler scheduler;
        final int id, priority;
        Packet queue;
        final Task link;
        boolean runnable, waiting = true, held = false;

        Task(Scheduler scheduler, int id, int priority, Packet queue) {
            this.scheduler = scheduler;
            this.id = id;
            this.priority = priority;
            this.queue = queue;
            this.link = scheduler.last();
            this.runnable = queue != null;
        }

        /** Handles a packet, or goes on without one; returns who is to run next. */
        abstract Task work(Packet packet);

        boolean isBlocked() {
            return held || (waiting && !runnable);
        }

        Task run() {
            if (!(waiting && runnable)) return work(null);
            Packet packet = queue;
            queue = packet.link;
            waiting = false;
            runnable = queue != null;
            return work(packet);
        }

        /** Takes a packet; returns who is to run then: this one, if it is more urgent than the sender. */
        Task take(Packet packet, Task sender) {
            if (queue != null) {
                packet.appendTo(queue);
                return sender;
            }
            queue = packet;
            runnable = true;
            return priority > sender.priority ? this : sender;
        }
    }

    static class IdleTask extends Task {
        private int seed = 1;
        private int left = IDLE_TURNS;

        IdleTask(Scheduler scheduler, int id, int priority) {
            super(scheduler, id, priority, null);
            waiting = false;
        }

        @Override
        Task work(Packet packet) {
            left--;
            if (left == 0) return scheduler.hold();
            if ((seed & 1) == 0) {
                seed >>= 1;
                return scheduler.release(DEVICE_A);
            }
            seed = (seed >> 1) ^ 0xd008;
            return scheduler.release(DEVICE_B);
        }
    }

    static class WorkerTask extends Task {
        private int receiver = HANDLER_A;
        private int letter = 0;

        WorkerTask(Scheduler scheduler, int id, int priority, Packet queue) {
            super(scheduler, id, priority, queue);
        }

        @Override
        Task work(Packet packet) {
            if (packet == null) return scheduler.waitForPacket();
            receiver = receiver == HANDLER_A ? HANDLER_B : HANDLER_A;
            packet.id = receiver;
            packet.datum = 0;
            for (int i = 0; i < WORDS_OF_PACKET; i++) {
                letter++;
                if (letter > 26) letter = 1;
                packet.words[i] = letter;
            }
            return scheduler.send(packet);
        }
    }

    static class HandlerTask extends Task {
        private Packet workIn, deviceIn;

        HandlerTask(Scheduler scheduler, int id, int priority, Packet queue) {
            super(scheduler, id, priority, queue);
        }

        @Override
        Task work(Packet packet) {
            if (packet != null) {
                if (packet.kind == Kind.WORK) {
                    workIn = packet.appendTo(workIn);
                } else {
                    deviceIn = packet.appendTo(deviceIn);
                }
            }
            Packet job = workIn;
            if (job == null) return scheduler.waitForPacket();
            int at = job.datum;
            if (at >= WORDS_OF_PACKET) {
                workIn = job.link;
                return scheduler.send(job);
            }
            Packet free = deviceIn;
            if (free == null) return scheduler.waitForPacket();
            deviceIn = free.link;
            free.datum = job.words[at];
            job.datum = at + 1;
            return scheduler.send(free);
        }
    }

    static class DeviceTask extends Task {
        private Packet pending;

        DeviceTask(Scheduler scheduler, int id, int priority) {
            super(scheduler, id, priority, null);
        }

        @Override
        Task work(Packet packet) {
            if (packet != null) {
                pending = packet;
                return scheduler.hold();
            }
            Packet ready = pending;
            if (ready == null) return scheduler.waitForPacket();
            pending = null;
            return scheduler.send(ready);
        }
    }

    static class Scheduler {
        int queued = 0, holds = 0;
        private final ArrayList<Task> tasks = new ArrayList<>();
        private Task current;

        Task last() {
            return tasks.isEmpty() ? null : tasks.get(tasks.size() - 1);
        }

        void add(Task task) {
            tasks.add(task);
        }

        void run() {
            current = last();
            while (current != null) {
                current = current.isBlocked() ? current.link : current.run();
            }
        }

        /** The running task waits for a packet. */
        Task waitForPacket() {
            current.waiting = true;
            return current;
        }

        /** The running task stops until it is released. */
        Task hold() {
            holds++;
            current.held = true;
            return current.link;
        }

        Task release(int id) {
            Task task = tasks.get(id);
            task.held = false;
            return task.priority > current.priority ? task : current;
        }

        /** Puts a packet into the queue of the task that it is for. */
        Task send(Packet packet) {
            Task receiver = tasks.get(packet.id);
            queued++;
            packet.link = null;
            packet.id = current.id;
            return receiver.take(packet, current);
        }
    }

    static Packet packets(int count, int id, Kind kind) {
        Packet queue = null;
        for (int i = 0; i < count; i++) queue = new Packet(queue, id, kind);
        return queue;
    }

    static Scheduler system() {
        Scheduler s = new Scheduler();
        s.add(new IdleTask(s, IDLE, 0));
        s.add(new WorkerTask(s, WORKER, 1000, packets(2, WORKER, Kind.WORK)));
        s.add(new HandlerTask(s, HANDLER_A, 2000, packets(3, DEVICE_A, Kind.FROM_DEVICE)));
        s.add(new HandlerTask(s, HANDLER_B, 3000, packets(3, DEVICE_B, Kind.FROM_DEVICE)));
        s.add(new DeviceTask(s, DEVICE_A, 4000));
        s.add(new DeviceTask(s, DEVICE_B, 5000));
        return s;
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        int queued = 0, holds = 0;
        for (int i = 0; i < size; i++) {
            Scheduler scheduler = system();
            scheduler.run();
            queued += scheduler.queued;
            holds += scheduler.holds;
        }
        System.out.println(queued + " " + holds);
    }
}
