//! The way outside for a session, whose program is run from its start for each input.
//!
//! Up to where the newest input begins, nothing goes out, and what comes in is what came in before. The program tells by what it
//! writes to standard error how far it is; `session.rs` has the module that does.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mvm_kernel::{Host, Stream};

use crate::host::Input;
use crate::output::program_wrote;
use crate::signals;
use crate::terminal::{Guard, guarded};

/// What the program writes when the newest input begins.
pub(super) const BEGINS: &str = "\u{1}mvm repl: begins\u{2}";
/// What it writes when that has been done.
pub(super) const ENDS: &str = "\u{1}mvm repl: ends\u{2}";

/// Bytes of a value that are shown.
const VALUE_MAX: usize = 8 << 10;

/// Something that has come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Line(Vec<u8>),
    Bytes(Vec<u8>),
    Time(i64),
}

/// How far the program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It does again what was done before.
    Before,
    /// It does what was typed last.
    Now,
    /// That is done; what it writes to standard error now is the value.
    After,
}

/// Where the program writes.
pub(super) struct Console {
    output: io::Stdout,
    output_guard: Option<Guard>,
    error_guard: Option<Guard>,
    /// Standard output stands at the start of a line.
    at_line_start: bool,
}

impl Console {
    pub(super) fn new() -> Console {
        Console {
            output: io::stdout(),
            output_guard: io::stdout().is_terminal().then(Guard::default),
            error_guard: io::stderr().is_terminal().then(Guard::default),
            at_line_start: true,
        }
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        program_wrote(stream, bytes);
        let sent = &guarded(
            match stream {
                Stream::Output => &mut self.output_guard,
                Stream::Error => &mut self.error_guard,
            },
            bytes,
        );
        match stream {
            Stream::Output => {
                if let Some(&last) = bytes.last() {
                    self.at_line_start = last == b'\n';
                }
                self.output.write_all(sent)
            }
            Stream::Error => {
                self.output.flush()?;
                let _ = io::stderr().write_all(sent);
                Ok(())
            }
        }
    }

    /// The program writes no more: unfinished lines and looks end.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        if let Some(guard) = &mut self.output_guard {
            guard.end(&mut rest);
        }
        if !std::mem::replace(&mut self.at_line_start, true) {
            rest.push(b'\n');
            // The message that may follow stands at the start of a line now.
            program_wrote(Stream::Output, b"\n");
        }
        self.output.write_all(&rest)?;
        self.output.flush()?;
        rest.clear();
        if let Some(guard) = &mut self.error_guard {
            guard.end(&mut rest);
        }
        let _ = io::stderr().write_all(&rest);
        Ok(())
    }
}

/// The host of one run.
pub(super) struct SessionHost<'a> {
    pub(super) phase: Phase,
    /// What came in before, and how much of it the program has asked for again.
    before: &'a [Answer],
    pub(super) asked: usize,
    /// What came in for the newest input.
    pub(super) fresh: Vec<Answer>,
    /// What was written so far, as a hash.
    written: u64,
    /// The same when the newest input began.
    pub(super) written_before: u64,
    /// The same when it was done.
    pub(super) written_after: u64,
    value: Vec<u8>,
    value_lost: usize,
    began: Option<Instant>,
    /// How long the newest input took.
    pub(super) took: Duration,
    input: &'a mut Input,
    console: &'a mut Console,
}

/// The hash of nothing (FNV-1a).
pub(super) const NOTHING_WRITTEN: u64 = 0xcbf2_9ce4_8422_2325;

impl<'a> SessionHost<'a> {
    pub(super) fn new(
        before: &'a [Answer],
        input: &'a mut Input,
        console: &'a mut Console,
    ) -> SessionHost<'a> {
        SessionHost {
            phase: Phase::Before,
            before,
            asked: 0,
            fresh: Vec::new(),
            written: NOTHING_WRITTEN,
            written_before: NOTHING_WRITTEN,
            written_after: NOTHING_WRITTEN,
            value: Vec::new(),
            value_lost: 0,
            began: None,
            took: Duration::ZERO,
            input,
            console,
        }
    }

    /// The program writes no more.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.console.end()
    }

    /// Shows what the program has written so far, so that a message can follow.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.console.output.flush()
    }

    /// The value, as text.
    pub(super) fn value(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.value).into_owned();
        if self.value_lost > 0 {
            text.push_str(&format!(" ... and {} more bytes", self.value_lost));
        }
        text
    }

    /// What came in before; nothing for what is new.
    fn again(&mut self) -> Option<Answer> {
        if self.phase != Phase::Before {
            return None;
        }
        self.asked += 1;
        // Who asks for more than before is another program now; there is nothing for it.
        Some(self.before.get(self.asked - 1).cloned().unwrap_or(Answer::Bytes(Vec::new())))
    }

    /// Waits until there is input. Ctrl-C ends the wait, and the run.
    fn wait_for_input(&mut self) -> io::Result<()> {
        self.console.output.flush()?;
        match wait_for(self.input)? {
            true => Ok(()),
            false => Err(io::ErrorKind::Interrupted.into()),
        }
    }
}

/// Waits until there is input, or its end; false when Ctrl-C comes first.
pub(super) fn wait_for(input: &Input) -> io::Result<bool> {
    while input.may_wait() && !signals::input_is_there()? {
        if signals::is_interrupted() {
            return Ok(false);
        }
        signals::wait(None, true)?;
    }
    Ok(true)
}

impl Host for SessionHost<'_> {
    fn write(&mut self, _program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        if stream == Stream::Error && bytes == BEGINS.as_bytes() && self.phase == Phase::Before {
            self.phase = Phase::Now;
            self.written_before = self.written;
            self.began = Some(Instant::now());
            return Ok(());
        }
        if stream == Stream::Error && bytes == ENDS.as_bytes() && self.phase == Phase::Now {
            self.phase = Phase::After;
            self.written_after = self.written;
            self.took = self.began.map_or(Duration::ZERO, |began| began.elapsed());
            return Ok(());
        }
        if self.phase == Phase::After {
            let room = VALUE_MAX - self.value.len();
            let kept = if stream == Stream::Error { bytes.len().min(room) } else { 0 };
            self.value.extend_from_slice(&bytes[..kept]);
            self.value_lost += if stream == Stream::Error { bytes.len() - kept } else { 0 };
            return Ok(());
        }
        for &byte in bytes {
            self.written = (self.written ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        match self.phase {
            Phase::Before | Phase::After => Ok(()),
            Phase::Now => self.console.write(stream, bytes),
        }
    }

    fn wall_clock(&mut self) -> i64 {
        match self.again() {
            Some(Answer::Time(time)) => time,
            Some(Answer::Line(_) | Answer::Bytes(_)) => 0,
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let time = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
                self.fresh.push(Answer::Time(time));
                time
            }
        }
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        match self.again() {
            Some(Answer::Line(line)) => return Ok(line),
            Some(Answer::Bytes(_) | Answer::Time(_)) => return Ok(Vec::new()),
            None => {}
        }
        self.wait_for_input()?;
        let mut line = Vec::new();
        self.input.reader().take(most as u64).read_until(b'\n', &mut line)?;
        self.fresh.push(Answer::Line(line.clone()));
        Ok(line)
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        match self.again() {
            Some(Answer::Bytes(bytes)) => return Ok(bytes),
            Some(Answer::Line(_) | Answer::Time(_)) => return Ok(Vec::new()),
            None => {}
        }
        self.wait_for_input()?;
        let found = self.input.reader().fill_buf()?;
        let bytes = found[..found.len().min(most)].to_vec();
        self.input.reader().consume(bytes.len());
        self.fresh.push(Answer::Bytes(bytes.clone()));
        Ok(bytes)
    }
}
