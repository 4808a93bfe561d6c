//! The syscall table: one row per call of the machine.
//!
//! A row defines number, name, types, when it is answered, cost and documentation. Assembler names, the verifier and
//! the reference page follow from it.

use crate::types::TypeId;

/// Type of a syscall parameter or result.
pub type SysTy = TypeId;

/// When a syscall is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// At once, from the state of the process.
    Local,
    /// Queued; there is no result.
    Post,
    /// The time slice ends and the machine answers between rounds.
    Wait,
}

macro_rules! rights {
    ($( $(#[doc = $doc:literal])+ $name:ident = $Right:ident, $bit:literal; )*) => {
        /// Something a process may do because it was given the right.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Right { $( $(#[doc = $doc])+ $Right = $bit, )* }

        impl Right {
            /// All rights in the order of their bits.
            pub const ALL: &'static [Right] = &[ $(Right::$Right),* ];

            /// Its name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Right::$Right => stringify!($name)),* }
            }

            /// What it allows.
            pub const fn doc(self) -> &'static str {
                match self { $(Right::$Right => concat!($($doc, "\n"),+).trim_ascii()),* }
            }
        }
    };
}

rights! {
    /// Writing to standard output and standard error.
    output = Output, 0;
    /// Reading standard input.
    input = Input, 1;
    /// Asking what time it is.
    clock = Clock, 2;
    /// Random numbers.
    random = Random, 3;
    /// Starting processes.
    spawn = Spawn, 4;
    /// Giving names to processes, and finding processes by name.
    names = Names, 5;
    /// Ending, stopping and interrupting processes that it has not started.
    control = Control, 6;
    /// Asking devices of the host.
    devices = Devices, 7;
}

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rights(pub u64);

impl Rights {
    /// Every right there is.
    pub const ALL: Rights = Rights((1 << Right::ALL.len()) - 1);
    /// None.
    pub const NONE: Rights = Rights(0);

    /// Whether the right is in it.
    pub const fn has(self, right: Right) -> bool {
        self.0 >> right as u8 & 1 == 1
    }

    /// The same with one more.
    #[must_use]
    pub const fn with(self, right: Right) -> Rights {
        Rights(self.0 | 1 << right as u8)
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Rights) -> Rights {
        Rights(self.0 & other.0)
    }
}

macro_rules! error_numbers {
    ($( $(#[doc = $doc:literal])+ $name:ident = $number:literal; )*) => {
        /// What a syscall could not do. The result is the number, which is negative.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i8)]
        pub enum ErrorNumber { $( $(#[doc = $doc])+ $name = $number, )* }

        impl ErrorNumber {
            /// All of them.
            pub const ALL: &'static [ErrorNumber] = &[ $(ErrorNumber::$name),* ];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorNumber::$name => stringify!($name)),* }
            }

            /// What it means.
            pub const fn doc(self) -> &'static str {
                match self { $(ErrorNumber::$name => concat!($($doc, "\n"),+).trim_ascii()),* }
            }
        }
    };
}

error_numbers! {
    /// The process does not have the right.
    Denied = -1;
    /// There cannot be more: processes, names, channels, timers.
    Limit = -2;
    /// There is none of that number or name, or it has ended.
    Gone = -3;
    /// The name belongs to another process.
    Taken = -4;
    /// The channel is closed.
    Closed = -5;
    /// There was no room, and waiting was not wanted.
    Full = -6;
    /// The time that it was to wait is over.
    TimedOut = -7;
    /// The argument means nothing.
    Invalid = -8;
    /// The name is for messages of another type.
    Mismatch = -9;
}

/// One row of the syscall table.
#[derive(Debug, Clone, Copy)]
pub struct SyscallInfo {
    /// Name as it stands in `sys name(...)`.
    pub name: &'static str,
    /// Parameter names and types.
    pub params: &'static [(&'static str, SysTy)],
    /// Result types. References may be null where the documentation says so.
    pub results: &'static [SysTy],
    /// When it is answered.
    pub answer: Answer,
    /// Cost in reductions; what copies much costs one more for each 4 KiB.
    pub cost: u16,
    /// What the process must have been given.
    pub right: Option<Right>,
    /// What it does.
    pub doc: &'static str,
}

macro_rules! syscalls {
    ($( $(#[doc = $doc:literal])+ $name:ident = $Sys:ident ( $($param:ident : $pty:ident),* ) -> ( $($rty:ident),* ), $answer:ident, cost $cost:literal $(, right $right:ident)?; )*) => {
        /// A syscall. The number is stable within a version of the machine.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum Syscall { $( $(#[doc = $doc])+ $Sys, )* }

        impl Syscall {
            /// All syscalls in the order of their numbers.
            pub const ALL: &'static [Syscall] = &[ $(Syscall::$Sys),* ];
        }

        static TABLE: &[SyscallInfo] = &[ $( SyscallInfo {
            name: stringify!($name),
            params: &[ $( (stringify!($param), TypeId::$pty) ),* ],
            results: &[ $( TypeId::$rty ),* ],
            answer: Answer::$answer,
            cost: $cost,
            right: syscalls!(@ $($right)?),
            doc: concat!($($doc, "\n"),+).trim_ascii(),
        }, )* ];
    };
    (@ $right:ident) => { Some(Right::$right) };
    (@) => { None };
}

impl Syscall {
    /// The row of this syscall.
    #[inline]
    pub fn info(self) -> &'static SyscallInfo {
        &TABLE[self as usize]
    }

    /// The syscall with this number.
    #[inline]
    pub fn from_number(number: u32) -> Option<Syscall> {
        Syscall::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The syscall with this name.
    pub fn from_name(name: &str) -> Option<Syscall> {
        Syscall::ALL.iter().copied().find(|s| s.info().name == name)
    }
}

syscalls! {
    /// Writes the text to standard output.
    print = Print(text: STR) -> (), Post, cost 1, right Output;
    /// Writes the number in decimal to standard output.
    print_int = PrintInt(value: I64) -> (), Post, cost 1, right Output;
    /// Writes the shortest decimal text of the number to standard output.
    print_float = PrintFloat(value: F64) -> (), Post, cost 1, right Output;
    /// Writes the text to standard error.
    print_error = PrintError(text: STR) -> (), Post, cost 1, right Output;
    /// Writes the bytes to the stream (1 standard output, 2 standard error). The result is the number of bytes
    /// written, or -1 when the stream is not open for writing.
    write = Write(stream: I64, data: BYTES) -> (I64), Wait, cost 1, right Output;
    /// Reads a line of standard input without its line end. Null at the end of the input. Bytes that are not UTF-8
    /// become U+FFFD.
    read_line = ReadLine() -> (STR), Wait, cost 1, right Input;
    /// Reads the rest of standard input as text; empty at the end. Bytes that are not UTF-8 become U+FFFD.
    read_all = ReadAll() -> (STR), Wait, cost 1, right Input;
    /// Reads at most so many bytes of standard input. Null at the end of the input.
    read_bytes = ReadBytes(most: I64) -> (BYTES), Wait, cost 1, right Input;
    /// The arguments of the program, without its name.
    args = Args() -> (ARRAY_STR), Local, cost 1;
    /// The value of an environment variable that the program was given, or null.
    env = Env(name: STR) -> (STR), Local, cost 1;
    /// Ends the process; when it is the first one, the program with this exit status (its low 8 bits).
    exit = Exit(status: I64) -> (), Wait, cost 1;
    /// The number of the process.
    self = SelfPid() -> (I64), Local, cost 1;
    /// Starts a process that calls the function value, which takes no more arguments: `bind f, worker(a, b)` fixes them. The
    /// function value is copied. The new process has the rights, limits and priority of this one. The result is its number,
    /// `Limit` when there cannot be more processes, or `Invalid` when the value is no such function.
    spawn = Spawn(function: ANY) -> (I64), Local, cost 8, right Spawn;
    /// Puts a copy of the value, with everything it refers to, into the mailbox of the process. When the mailbox is full then (a quarter
    /// of the limit of the heap, at most 32 MiB), this process waits until half of it is gone. A process that has ended gets
    /// nothing.
    send = Send(to: I64, message: ANY) -> (), Post, cost 2;
    /// The oldest message of the mailbox, its tag, and what is known of an end. Waits for one for at most so many milliseconds, for
    /// ever when that is negative; null when none has come. The tag is 0, or what `send_tagged` has given. Of a message that
    /// `monitor` has asked for, it says how the process ended: 0 by itself, 1 by an exception, 2 killed, 3 by a limit, `Gone` when it had ended before; the text
    /// is what the exception said.
    receive = Receive(timeout: I64) -> (ANY, I64, STR), Wait, cost 2;
    /// Waits so many milliseconds.
    sleep = Sleep(duration: I64) -> (), Wait, cost 1;
    /// Nanoseconds since the machine was started.
    now = Now() -> (I64), Local, cost 1, right Clock;
    /// Sends the value to this process when the other one has ended; soon when it is not there. All that is to be sent so, and by
    /// timers, may be as large as the mailbox.
    monitor = Monitor(process: I64, message: ANY) -> (), Post, cost 2;
    /// From now on, when one of the two processes ends by an exception or a limit or is killed, the other one is killed too. Nothing
    /// happens when it has ended already.
    link = Link(process: I64) -> (), Post, cost 2;
    /// Ends a process, whatever it does. Without the right, only those that this process has started.
    kill = Kill(process: I64) -> (), Post, cost 2;

    /// The process that started this one; 0 for the first process of a program.
    parent = Parent() -> (I64), Local, cost 1;
    /// Lets other processes run.
    yield = Yield() -> (), Wait, cost 1;
    /// Nanoseconds since 1970 (UTC) by the clock of the host; those of `now` when time is virtual.
    wall_clock = WallClock() -> (I64), Local, cost 1, right Clock;
    /// A random number of 64 bits. Each process has its own sequence, which follows from the seed of the machine.
    random = Random() -> (I64), Local, cost 1, right Random;
    /// Like `spawn`, with options: pairs of a number that says what, and a value. 1 rights (a set of bits: what is not in it, and
    /// what this process has not itself, is not given), 2 priority (0 to 7, usual 3), 3 deadline (nanoseconds of `now`), 4 limit of
    /// the heap, 5 of the stack, 6 of the mailbox (bytes each), 7 what a full mailbox does (0 the sender waits, 1 the oldest message is
    /// dropped, 2 the new message is dropped), 8 reductions after which it is ended, 9 processes that it may start, 10 whether it is
    /// linked to this one (0 or 1), 11 its group (0 a new one; without it, that of this process). Limits can only become smaller; without a number 9, who may start only some gives none of them away. The result is its number, `Limit`, `Invalid` when an option is unknown or its value
    /// means nothing, `Gone` when the group has nobody in it, or `Denied` when it is of another program.
    spawn_with = SpawnWith(function: ANY, options: ARRAY_I64) -> (I64), Local, cost 10, right Spawn;
    /// Like `send`, with a number that the receiver gets beside the message.
    send_tagged = SendTagged(to: I64, message: ANY, tag: I64) -> (), Post, cost 2;
    /// Like `receive`, for messages with this tag; others stay in order.
    receive_tag = ReceiveTag(tag: I64, timeout: I64) -> (ANY, I64, STR), Wait, cost 2;
    /// Like `receive`, for messages whose class is one of these (at most 1,024) or below: `data wanted: [i64] = types A, B`. Others
    /// stay in order; null is of no class.
    receive_of = ReceiveOf(classes: ARRAY_I64, timeout: I64) -> (ANY, I64, STR), Wait, cost 2;
    /// Sends the value to the process after so many milliseconds, if this process has not ended by then. The result is the number of the
    /// timer, or `Limit`. When the mailbox holds twice what it may, the value is dropped.
    send_after = SendAfter(to: I64, message: ANY, delay: I64) -> (I64), Local, cost 3;
    /// Stops a timer of this process. The result is 1, or `Gone` when the message has been sent.
    cancel = Cancel(timer: I64) -> (I64), Local, cost 1;
    /// Takes back all monitors of this process on the other one. What they have sent already stays.
    unmonitor = Unmonitor(process: I64) -> (), Post, cost 1;
    /// Takes back a link.
    unlink = Unlink(process: I64) -> (), Post, cost 1;
    /// Sends a signal: 1 interrupt, 2 terminate, 3 kill, 4 stop, 5 continue, 6 and 7 for programs. Without the right, only to
    /// processes that this one has started.
    signal = Signal(process: I64, number: I64) -> (), Post, cost 2;
    /// From now on the signal puts a copy of the value into the mailbox. Null restores what it does otherwise: interrupt and terminate end
    /// the process, 6 and 7 do nothing. Kill, stop and continue always do what they say. When the mailbox holds twice
    /// what it may, the value is dropped. The result is 1 or `Invalid`.
    on_signal = OnSignal(number: I64, message: ANY) -> (I64), Local, cost 2;
    /// Gives the process a name (1 to 255 bytes), by which others find it, until it ends. It may have several. The result is 1, `Taken`,
    /// `Gone`, `Invalid`, `Limit` (65,536 names) or `Denied`.
    register = Register(name: STR, process: I64) -> (I64), Wait, cost 4, right Names;
    /// Takes a name away, whoever has given it. The result is 1, `Gone` or `Denied`.
    unregister = Unregister(name: STR) -> (I64), Wait, cost 4, right Names;
    /// The process of this name, `Gone` or `Denied`.
    find = Find(name: STR) -> (I64), Wait, cost 4, right Names;
    /// Makes a channel that holds at most so many messages (1 to 1,048,576). It is gone, with what is in it, when this
    /// process ends. The result is its number, `Limit` (65,536) or `Invalid`.
    channel = Channel(capacity: I64) -> (I64), Local, cost 4;
    /// Puts a copy of the value into the channel. Waits for room for at most so many milliseconds, for ever when that is negative. The
    /// result is 1, `Closed` (also when that happens during the wait), `Full` (the time is over) or `Gone`.
    channel_send = ChannelSend(channel: I64, message: ANY, timeout: I64) -> (I64), Wait, cost 3;
    /// Takes the oldest message out of the channel; one that does not fit into the heap stays there. Who waits longest gets it first. Waits as `channel_send` does. The second result is 1, `Closed` (and nothing is left), `TimedOut`
    /// or `Gone`.
    channel_receive = ChannelReceive(channel: I64, timeout: I64) -> (ANY, I64), Wait, cost 3;
    /// No more can be sent; what is in the channel can be received. The result is 1, `Closed` or `Gone`.
    channel_close = ChannelClose(channel: I64) -> (I64), Wait, cost 2;
    /// Takes a message out of the first of the channels (at most 1,024) that has one. Waits as `channel_send` does. The second result is
    /// the position of the channel, from 0; `Closed` when all are closed and empty, `TimedOut`, `Gone` when one is not there.
    select = Select(channels: ARRAY_I64, timeout: I64) -> (ANY, I64), Wait, cost 4;
    /// Makes a reference for one answer, which the process is expected to give. The result is its number, to be sent to it, or `Limit`
    /// (65,536 that are not used up).
    reply_new = ReplyNew(process: I64) -> (I64), Local, cost 3;
    /// Gives the answer, as anybody may who knows the number. A second one, and one that nobody waits for any more, is dropped.
    reply = Reply(reference: I64, message: ANY) -> (), Post, cost 2;
    /// Waits for the answer; afterwards the reference is used up, whatever the result. The second result is 1, `TimedOut`, or `Gone` when the
    /// process has ended without one or this process has no such reference.
    reply_wait = ReplyWait(reference: I64, timeout: I64) -> (ANY, I64), Wait, cost 2;
    /// Makes a block of so many bytes (at most 1 GiB) that processes share, all 0. It is there until all that may access it have ended.
    /// All segments that a process makes may together be as large as its heap. The result is its number, `Limit` or `Invalid`.
    segment = Segment(bytes: I64) -> (I64), Local, cost 8;
    /// Lets another process access the block, for reading (0) or also for writing (1). Who may only read can only pass that on. The
    /// result is 1, `Gone` (of a process of another core that is not always known) or `Denied`.
    segment_share = SegmentShare(segment: I64, process: I64, writable: I64) -> (I64), Wait, cost 2;
    /// The 64-bit number at the offset, which is a multiple of 8. The second result is 1, `Denied` or `Invalid`.
    segment_load = SegmentLoad(segment: I64, offset: I64) -> (I64, I64), Wait, cost 1;
    /// Writes the 64-bit number. The result is 1, `Denied` or `Invalid`.
    segment_store = SegmentStore(segment: I64, offset: I64, value: I64) -> (I64), Wait, cost 1;
    /// Adds to the number, wrapping. The first result is what was there before, the second 1, `Denied` or `Invalid`.
    segment_add = SegmentAdd(segment: I64, offset: I64, value: I64) -> (I64, I64), Wait, cost 1;
    /// Writes the number. Results as those of `segment_add`.
    segment_exchange = SegmentExchange(segment: I64, offset: I64, value: I64) -> (I64, I64), Wait, cost 1;
    /// Writes the new number if the old one is there. Results as those of `segment_add`.
    segment_compare = SegmentCompare(segment: I64, offset: I64, old: I64, new: I64) -> (I64, I64), Wait, cost 1;
    /// Waits, if this number is there, until `segment_notify` wakes it, for at most so many milliseconds. The result is 1, 0 when another number is
    /// there, `TimedOut`, `Denied` or `Invalid`.
    segment_wait = SegmentWait(segment: I64, offset: I64, value: I64, timeout: I64) -> (I64), Wait, cost 2;
    /// Wakes at most so many processes that wait at the offset, who waits longest first; asks for the right to write. The result is how
    /// many, `Denied` or `Invalid`.
    segment_notify = SegmentNotify(segment: I64, offset: I64, most: I64) -> (I64), Wait, cost 2;
    /// Copies bytes of the block; null when this process may not read it or they are not inside.
    segment_read = SegmentRead(segment: I64, offset: I64, length: I64) -> (BYTES), Wait, cost 1;
    /// Copies bytes into the block. The result is 1, `Denied` or `Invalid`.
    segment_write = SegmentWrite(segment: I64, offset: I64, data: BYTES) -> (I64), Wait, cost 1;
    /// Changes the priority of this process (0 to 7). The result is what it was, or `Invalid`.
    set_priority = SetPriority(priority: I64) -> (I64), Local, cost 1;
    /// Says when this process wants to be done, in nanoseconds of `now`; negative for never. The policy `edf` goes by it.
    set_deadline = SetDeadline(time: I64) -> (), Local, cost 1;
    /// Gives up a segment: this process cannot access it any more, and with the last one that can it is gone. The result is 1 or `Denied`.
    segment_leave = SegmentLeave(segment: I64) -> (I64), Local, cost 2;
    /// Takes away a channel that this process has made, with what is in it. Who waits at it is told `Gone`, as is who
    /// asks for it from then on. The result is 1, or `Gone` when it is not one of those that this process has.
    channel_drop = ChannelDrop(channel: I64) -> (I64), Local, cost 2;
    /// Asks a device of the host, with at most 1 MiB that it understands, and waits for its answer, which is lost when it does not fit into the heap.
    /// The second result is 1, `Gone` when there is no such device, `Limit` when 65,536 answers are waited for, `Invalid` or `Denied`. The
    /// command line has no devices; a program that embeds the machine may.
    ask_device = AskDevice(device: I64, request: BYTES) -> (BYTES, I64), Wait, cost 4, right Devices;
    /// The group of a process, or `Gone`. A process is in the group of the one that has started it; the number of a group is that of
    /// the process for which it was made.
    group_of = GroupOf(process: I64) -> (I64), Wait, cost 2;
    /// Puts a process into a group of its program, or into a new one (0, or its own number). Without the right `control`, only this process
    /// and those that it has started. The result is the number of the group, `Gone` when the process has ended or the group has nobody
    /// in it, `Denied` (also when one of them is of another program), or `Invalid`.
    group_join = GroupJoin(process: I64, group: I64) -> (I64), Wait, cost 2;
    /// The processes of a group by number, or null when there are none.
    group_members = GroupMembers(group: I64) -> (ARRAY_I64), Wait, cost 2;
    /// How many processes are in a group.
    group_count = GroupCount(group: I64) -> (I64), Wait, cost 2;
    /// Sends a signal, as `signal` does, to the processes of a group by number. Without the right `control`, only to this process and
    /// to those that it has started. The result is to how many, `Gone` when the group has nobody in it, `Denied` when it may send it to none of them, or
    /// `Invalid` when there is no such signal.
    group_signal = GroupSignal(group: I64, number: I64) -> (I64), Wait, cost 2;
    /// Starts a process that runs the main function of a program which was loaded under this name (`--with`), with these arguments (at
    /// most 1,024; null for none) and options as those of `spawn_with` (null for none), and 12 whose output it writes (0 its
    /// program's, with its name in front of each line; 1 that of this process). It has at most the rights and limits of this process, and at most those
    /// that its program was given when it was loaded. The result is its number, `Gone` when no program of this name was loaded or nobody is in the group,
    /// `Invalid` when an option means nothing, an argument is null, or there are arguments and the main function takes none, `Limit`,
    /// or `Denied`.
    spawn_program = SpawnProgram(name: STR, arguments: ARRAY_STR, options: ARRAY_I64) -> (I64), Local, cost 16, right Spawn;
    /// As `register`; the name says also of what type the messages are that the process takes, in 1 to 255 bytes. A name that has
    /// no type, or another one, is `Taken` even when it is that of this process.
    register_as = RegisterAs(name: STR, process: I64, messages: STR) -> (I64), Wait, cost 4, right Names;
    /// The process of a name whose messages are of this type, `Gone`, `Mismatch` when they are of another one or the name says nothing
    /// of them, or `Denied`.
    find_as = FindAs(name: STR, messages: STR) -> (I64), Wait, cost 4, right Names;
}
