//! Random programs of several processes: messages, channels, shared memory, timers, signals, names, ends of all kinds.
//!
//! They are made as text, so that one that goes wrong can be read. Every process does a bounded number of things, and so does the
//! program. Whatever happens to it, a process goes on with what it knows: results of calls are added up and printed.

use std::fmt::Write as _;

use crate::rng::Rng;

/// The program of a seed.
pub fn program_of_seed(seed: u64) -> String {
    let mut writer = Writer { rng: Rng::new(seed), out: String::new(), labels: 0 };
    writer.program();
    writer.out
}

struct Writer {
    rng: Rng,
    out: String,
    labels: usize,
}

/// Appends lines of code.
macro_rules! code {
    ($w:expr, $($part:tt)*) => {{
        let text = format!($($part)*);
        $w.line(&text)
    }};
}

/// Tag of the message with the numbers of all processes.
const PEERS: i64 = 99;
/// Tag of questions: a reference to be answered.
const QUESTION: i64 = 7;

impl Writer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "    {text}");
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    fn bind(&mut self, label: &str) {
        let _ = writeln!(self.out, "{label}:");
    }

    fn below(&mut self, end: usize) -> usize {
        self.rng.below(end as u64) as usize
    }

    fn program(&mut self) {
        let workers = 2 + self.below(5);
        self.out.push_str("data peers_none: [i64] = 1\ndata limited: [i64] = 8, 3000\ndata small: [i64] = 6, 600, 7, 1, 2, 5\n");
        self.main(workers);
        for number in 0..workers {
            self.worker(number);
        }
        self.leaf();
    }

    fn main(&mut self, workers: usize) {
        self.out.push_str("\nfunc main() {\n");
        self.locals();
        code!(self, "sys     ch, channel({})", 1 + self.below(3));
        code!(self, "sys     other, channel({})", 1 + self.below(3));
        code!(self, "sys     seg, segment({})", 16 + 8 * self.below(3));
        code!(self, "new     peers, [i64], {}", workers + 1);
        code!(self, "sys     me, self()");
        code!(self, "set     peers[{workers}], me");
        for number in 0..workers {
            code!(self, "bind    f, worker{number}(ch, other, seg)");
            match self.below(6) {
                0 => code!(self, "mov     options, small"),
                1 => code!(self, "mov     options, limited"),
                _ => {
                    code!(self, "sys     pid, spawn(f)");
                    code!(self, "set     peers[{number}], pid");
                    continue;
                }
            }
            code!(self, "sys     pid, spawn_with(f, options)");
            code!(self, "set     peers[{number}], pid");
        }
        for number in 0..workers {
            code!(self, "get     pid, peers[{number}]");
            code!(self, "sys     _ok, segment_share(seg, pid, {})", usize::from(self.rng.below(4) > 0));
            code!(self, "sys     send_tagged(pid, peers, {PEERS})");
        }
        code!(self, "mov     acc, 0");
        let count = 3 + self.below(10);
        self.statements(count);
        let again = self.label();
        code!(self, "mov     i, 0");
        self.bind(&again);
        code!(self, "sys     (m, tag), receive({})", self.rng.below(3));
        code!(self, "add     acc, acc, tag");
        code!(self, "add     i, i, 1");
        code!(self, "blt     i, {}, {again}", 2 + self.rng.below(30));
        code!(self, "sys     print_int(acc)");
        self.out.push_str("    ret\n}\n");
    }

    fn worker(&mut self, number: usize) {
        let _ = write!(self.out, "\nfunc worker{number}(ch: i64, other: i64, seg: i64) {{\n");
        self.locals();
        code!(self, "sys     me, self()");
        code!(self, "mov     acc, me");
        code!(self, "mov     peers, peers_none");
        code!(self, "sys     m, receive_tag({PEERS}, {})", self.rng.below(20));
        let none = self.label();
        code!(self, "bnull   m, {none}");
        code!(self, "cast    peers, m, [i64]");
        self.bind(&none);
        let (again, rounds) = (self.label(), 1 + self.below(6));
        code!(self, "mov     round, 0");
        self.bind(&again);
        let count = 2 + self.below(12);
        self.statements(count);
        code!(self, "add     round, round, 1");
        code!(self, "blt     round, {rounds}, {again}");
        code!(self, "sys     print_int(acc)");
        self.ending();
        self.out.push_str("}\n");
    }

    /// A process that does not do much, and may end badly.
    fn leaf(&mut self) {
        self.out.push_str("\nfunc leaf(home: i64, x: i64) {\n");
        code!(self, "mov     acc, x");
        code!(self, "box     b, acc");
        code!(self, "sys     send(home, b)");
        code!(self, "mov     j, 0");
        let inner = self.label();
        self.bind(&inner);
        code!(self, "add     j, j, 1");
        code!(self, "blt     j, acc, {inner}");
        code!(self, "rem     j, acc, 5");
        let fine = self.label();
        code!(self, "bnz     j, {fine}");
        code!(self, "div     j, acc, j");
        self.bind(&fine);
        self.out.push_str("    ret\n}\n");
    }

    fn ending(&mut self) {
        match self.below(6) {
            0 => {
                code!(self, "mov     zero, 0");
                code!(self, "div     acc, acc, zero");
            }
            1 => code!(self, "sys     exit(3)"),
            2 => {
                let endless = self.label();
                self.bind(&endless);
                code!(self, "sys     m, receive(-1)");
                code!(self, "jmp     {endless}");
                return;
            }
            _ => {}
        }
        self.line("ret");
    }

    /// Registers that hold different things in the course of time.
    fn locals(&mut self) {
        for local in [
            "v: any",
            "m: any",
            "note: str",
            "data: bytes",
            "numbers: [i64]",
            "garbage: [i64]",
            "both: [i64]",
            "options: [i64]",
        ] {
            code!(self, ".local  {local}");
        }
    }

    fn statements(&mut self, count: usize) {
        for _ in 0..count {
            self.statement();
        }
    }

    /// Some process of those that are known.
    fn peer(&mut self) {
        code!(self, "len     n, peers");
        code!(self, "add     at, acc, {}", self.rng.below(50));
        code!(self, "remu    at, at, n");
        code!(self, "get     peer, peers[at]");
    }

    /// A value to be sent.
    fn value(&mut self) {
        match self.below(5) {
            0 => code!(self, "mov     v, \"text {}\"", self.rng.below(1000)),
            1 => {
                code!(self, "new     numbers, [i64], {}", 1 + self.rng.below(700));
                code!(self, "set     numbers[0], acc");
                code!(self, "mov     v, numbers");
            }
            _ => code!(self, "box     v, acc"),
        }
    }

    /// A time to wait, in milliseconds.
    fn millis(&mut self) -> i64 {
        self.rng.below(4) as i64
    }

    fn count(&mut self, result: &str) {
        code!(self, "add     acc, acc, {result}");
    }

    fn seen(&mut self, object: &str) {
        code!(self, "is_null z, {object}");
        self.count("z");
    }

    fn statement(&mut self) {
        match self.below(15) {
            0 | 1 => self.sending(),
            2 | 3 => self.receiving(),
            4 => self.computing(),
            5 => self.starting(),
            6 => self.relations(),
            7 => self.signals(),
            8 | 9 => self.channels(),
            10 => self.shared(),
            11 => self.names(),
            12 => self.questions(),
            13 => self.groups(),
            _ => self.time(),
        }
    }

    fn sending(&mut self) {
        self.peer();
        self.value();
        match self.below(3) {
            0 => code!(self, "sys     send_tagged(peer, v, {})", self.rng.below(3)),
            _ => code!(self, "sys     send(peer, v)"),
        }
    }

    fn receiving(&mut self) {
        let millis = self.millis();
        match self.below(3) {
            0 => code!(self, "sys     (m, tag, note), receive_tag({}, {millis})", self.rng.below(3)),
            _ => code!(self, "sys     (m, tag, note), receive({millis})"),
        }
        self.count("tag");
        self.seen("m");
        self.seen("note");
    }

    fn computing(&mut self) {
        let again = self.label();
        code!(self, "mov     k, 0");
        self.bind(&again);
        if self.below(4) == 0 {
            code!(self, "new     garbage, [i64], 20");
        }
        code!(self, "mul     acc, acc, 31");
        code!(self, "add     acc, acc, k");
        code!(self, "and     acc, acc, 0xffff");
        code!(self, "add     k, k, 1");
        code!(self, "blt     k, {}, {again}", 5 + self.rng.below(600));
    }

    fn starting(&mut self) {
        code!(self, "bind    f, leaf(me, acc)");
        match self.below(4) {
            0 => {
                code!(self, "mov     options, limited");
                code!(self, "sys     child, spawn_with(f, options)");
            }
            1 => {
                self.group();
                code!(self, "new     options, [i64], 2");
                code!(self, "set     options[0], 11");
                code!(self, "set     options[1], group");
                code!(self, "sys     child, spawn_with(f, options)");
            }
            _ => code!(self, "sys     child, spawn(f)"),
        }
        self.count("child");
        match self.below(4) {
            0 => {
                code!(self, "box     v, acc");
                code!(self, "sys     monitor(child, v)");
            }
            1 => code!(self, "sys     link(child)"),
            2 => code!(self, "sys     kill(child)"),
            _ => {}
        }
    }

    fn relations(&mut self) {
        self.peer();
        match self.below(7) {
            0..=2 => {
                self.value();
                code!(self, "sys     monitor(peer, v)");
            }
            3 => code!(self, "sys     unmonitor(peer)"),
            4 => code!(self, "sys     link(peer)"),
            5 => code!(self, "sys     unlink(peer)"),
            _ => {
                code!(self, "sys     p, parent()");
                self.count("p");
            }
        }
    }

    fn signals(&mut self) {
        self.peer();
        match self.below(8) {
            0..=2 => {
                code!(self, "box     v, acc");
                code!(self, "sys     ok, on_signal({}, v)", 1 + self.rng.below(7));
                self.count("ok");
            }
            3 => code!(self, "sys     signal(peer, {})", 1 + self.rng.below(3)),
            4 => code!(self, "sys     signal(peer, 4)"),
            5 => code!(self, "sys     signal(peer, 5)"),
            _ => code!(self, "sys     signal(peer, {})", 6 + self.rng.below(2)),
        }
    }

    /// Some group, or 0, or `Gone`.
    fn group(&mut self) {
        self.peer();
        match self.below(4) {
            0 => code!(self, "mov     group, 0"),
            _ => code!(self, "sys     group, group_of(peer)"),
        }
    }

    fn groups(&mut self) {
        self.group();
        match self.below(10) {
            0..=2 => {
                let process = if self.below(2) == 0 { "me" } else { "peer" };
                code!(self, "sys     ok, group_join({process}, group)");
                self.count("ok");
            }
            3 | 4 => {
                code!(self, "sys     ok, group_count(group)");
                self.count("ok");
            }
            5 | 6 => {
                let none = self.label();
                code!(self, "sys     numbers, group_members(group)");
                self.seen("numbers");
                code!(self, "bnull   numbers, {none}");
                code!(self, "get     ok, numbers[0]");
                self.count("ok");
                code!(self, "len     ok, numbers");
                self.count("ok");
                self.bind(&none);
            }
            7 => {
                // Ends those that are not in the group of the first process.
                code!(self, "sys     group, group_join(me, 0)");
                code!(self, "sys     _ok, group_join(peer, group)");
                code!(self, "sys     ok, group_signal(group, {})", 1 + self.rng.below(3));
                self.count("ok");
            }
            _ => {
                code!(self, "sys     ok, group_signal(group, {})", 4 + self.rng.below(5));
                self.count("ok");
            }
        }
        self.count("group");
    }

    fn channels(&mut self) {
        let millis = self.millis();
        let channel = if self.below(2) == 0 { "ch" } else { "other" };
        match self.below(10) {
            9 => {
                // From the core where this process is, and from that of the first one.
                code!(self, "sys     mine, channel(2)");
                code!(self, "box     v, acc");
                if self.below(2) == 0 {
                    code!(self, "sys     channel_send(mine, v, 0)");
                }
                code!(self, "new     both, [i64], 3");
                code!(self, "set     both[0], {channel}");
                code!(self, "set     both[1], mine");
                code!(self, "set     both[2], {channel}");
                code!(self, "sys     (m, ok), select(both, {millis})");
                self.count("ok");
                self.seen("m");
                code!(self, "sys     (m, ok), channel_receive(mine, 0)");
                self.count("ok");
                if self.below(2) == 0 {
                    code!(self, "sys     ok, channel_drop(mine)");
                    self.count("ok");
                }
            }
            0..=3 => {
                self.value();
                code!(self, "sys     ok, channel_send({channel}, v, {millis})");
                self.count("ok");
            }
            4..=6 => {
                code!(self, "sys     (m, ok), channel_receive({channel}, {millis})");
                self.count("ok");
                self.seen("m");
            }
            7 => {
                code!(self, "new     both, [i64], 2");
                code!(self, "set     both[0], ch");
                code!(self, "set     both[1], other");
                code!(self, "sys     (m, ok), select(both, {millis})");
                self.count("ok");
                self.seen("m");
            }
            _ => {
                code!(self, "sys     ok, channel_close({channel})");
                self.count("ok");
            }
        }
    }

    fn shared(&mut self) {
        let offset = 8 * self.below(3);
        match self.below(8) {
            7 => {
                code!(self, "sys     mine, segment({})", 8 * self.below(20));
                code!(self, "sys     ok, segment_store(mine, 8, acc)");
                self.count("ok");
                code!(self, "sys     ok, segment_leave(mine)");
                self.count("ok");
            }
            0 | 1 => {
                code!(self, "sys     (old, ok), segment_add(seg, {offset}, {})", 1 + self.rng.below(9));
                self.count("old");
            }
            2 => {
                code!(self, "sys     (old, ok), segment_compare(seg, {offset}, {}, acc)", self.rng.below(9));
                self.count("ok");
            }
            3 => {
                code!(self, "sys     ok, segment_store(seg, {offset}, acc)");
                self.count("ok");
            }
            4 => {
                let millis = self.millis();
                code!(self, "sys     old, segment_load(seg, {offset})");
                code!(self, "sys     ok, segment_wait(seg, {offset}, old, {millis})");
                self.count("ok");
            }
            5 => {
                code!(self, "sys     ok, segment_notify(seg, {offset}, {})", 1 + self.rng.below(3));
                self.count("ok");
            }
            _ => {
                code!(self, "sys     data, segment_read(seg, 3, {})", self.rng.below(20));
                self.seen("data");
            }
        }
    }

    fn names(&mut self) {
        let name = self.below(3);
        match self.below(4) {
            0 | 1 => {
                self.peer();
                code!(self, "sys     ok, register(\"name {name}\", peer)");
            }
            2 => code!(self, "sys     ok, find(\"name {name}\")"),
            _ => code!(self, "sys     ok, unregister(\"name {name}\")"),
        }
        self.count("ok");
    }

    fn questions(&mut self) {
        if self.below(2) == 0 {
            let millis = self.millis();
            self.peer();
            code!(self, "sys     ref, reply_new(peer)");
            code!(self, "box     v, ref");
            code!(self, "sys     send_tagged(peer, v, {QUESTION})");
            code!(self, "sys     (m, ok), reply_wait(ref, {millis})");
            self.count("ok");
            return;
        }
        let (none, millis) = (self.label(), self.millis());
        code!(self, "sys     m, receive_tag({QUESTION}, {millis})");
        code!(self, "bnull   m, {none}");
        code!(self, "unbox   ref, m");
        self.value();
        code!(self, "sys     reply(ref, v)");
        self.bind(&none);
    }

    fn time(&mut self) {
        let millis = self.millis();
        match self.below(9) {
            0 => code!(self, "sys     sleep({millis})"),
            1 => code!(self, "sys     yield()"),
            2 => {
                code!(self, "sys     t, now()");
                self.count("t");
            }
            3 => {
                code!(self, "sys     t, random()");
                code!(self, "shr     t, t, 40");
                self.count("t");
            }
            4 | 5 => {
                self.peer();
                self.value();
                code!(self, "sys     timer, send_after(peer, v, {millis})");
                if self.below(3) == 0 {
                    code!(self, "sys     ok, cancel(timer)");
                    self.count("ok");
                }
            }
            6 => {
                code!(self, "sys     old, set_priority({})", self.rng.below(9));
                self.count("old");
            }
            7 => {
                code!(self, "sys     t, now()");
                code!(self, "add     t, t, {}", self.rng.below(5000));
                code!(self, "sys     set_deadline(t)");
            }
            _ => code!(self, "sys     print_int(acc)"),
        }
    }
}
