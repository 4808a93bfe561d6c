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
    /// Cost in reductions.
    pub cost: u16,
    /// What it does.
    pub doc: &'static str,
}

macro_rules! syscalls {
    ($( $(#[doc = $doc:literal])+ $name:ident = $Sys:ident ( $($param:ident : $pty:ident),* ) -> ( $($rty:ident),* ), $answer:ident, cost $cost:literal; )*) => {
        /// A syscall. The number is stable within a version of the machine.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
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
            doc: concat!($($doc, "\n"),+).trim_ascii(),
        }, )* ];
    };
}

impl Syscall {
    /// The row of this syscall.
    pub fn info(self) -> &'static SyscallInfo {
        &TABLE[self as usize]
    }

    /// The syscall with this number.
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
    print = Print(text: STR) -> (), Post, cost 1;
    /// Writes the number in decimal to standard output.
    print_int = PrintInt(value: I64) -> (), Post, cost 1;
    /// Writes the shortest decimal text of the number to standard output.
    print_float = PrintFloat(value: F64) -> (), Post, cost 1;
    /// Writes the text to standard error.
    print_error = PrintError(text: STR) -> (), Post, cost 1;
    /// Writes the bytes to the stream (1 standard output, 2 standard error). The result is the number of bytes
    /// written, or -1 when the stream is not open for writing.
    write = Write(stream: I64, data: BYTES) -> (I64), Wait, cost 1;
    /// Reads a line of standard input without its line end. Null at the end of the input. Bytes that are not UTF-8
    /// become U+FFFD.
    read_line = ReadLine() -> (STR), Wait, cost 1;
    /// Reads the rest of standard input as text; empty at the end. Bytes that are not UTF-8 become U+FFFD.
    read_all = ReadAll() -> (STR), Wait, cost 1;
    /// Reads at most so many bytes of standard input. Null at the end of the input.
    read_bytes = ReadBytes(most: I64) -> (BYTES), Wait, cost 1;
    /// The arguments of the program, without its name.
    args = Args() -> (ARRAY_STR), Local, cost 1;
    /// The value of an environment variable that the program was given, or null.
    env = Env(name: STR) -> (STR), Local, cost 1;
    /// Ends the process; when it is the first one, the program with this exit status (its low 8 bits).
    exit = Exit(status: I64) -> (), Wait, cost 1;
    /// The number of the process.
    self = SelfPid() -> (I64), Local, cost 1;
    /// Starts a process that calls the function value, which takes no more arguments: `bind f, worker(a, b)` fixes them. The
    /// function value is copied. The result is the number of the process, or 0 when there cannot be more.
    spawn = Spawn(function: ANY) -> (I64), Local, cost 8;
    /// Puts a copy of the value, with everything it refers to, into the mailbox of the process. Waits while the mailbox is
    /// full (a quarter of the limit of the heap, at most 32 MiB). A process that has ended gets nothing.
    send = Send(to: I64, message: ANY) -> (), Post, cost 2;
    /// The oldest message of the mailbox. Waits for one for at most so many milliseconds, for ever when that is negative; null
    /// when none has come.
    receive = Receive(timeout: I64) -> (ANY), Wait, cost 2;
    /// Waits so many milliseconds.
    sleep = Sleep(duration: I64) -> (), Wait, cost 1;
    /// Nanoseconds since the machine was started.
    now = Now() -> (I64), Local, cost 1;
    /// Sends the value to this process when the other one has ended; at once when it is not there.
    monitor = Monitor(process: I64, message: ANY) -> (), Post, cost 2;
    /// From now on, when one of the two processes ends by an exception or is killed, the other one is killed too.
    link = Link(process: I64) -> (), Post, cost 2;
    /// Ends a process, whatever it does.
    kill = Kill(process: I64) -> (), Post, cost 2;
}
