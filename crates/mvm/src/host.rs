//! The console of a program that runs on this host: standard input, output and error.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, StdoutLock, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mvm_kernel::record::{Recording, Replaying};
use mvm_kernel::{Host, Signal, Stream};

use crate::output::{Failure, line_end, program_wrote, reason, streams_meet, while_waiting};
use crate::signals;
use crate::source::display_name;
use crate::terminal::{Guard, guarded, shown};

/// Bytes of output and input that are kept at most.
const BUFFER: usize = 1 << 16;

/// Where a program reads from.
pub(crate) enum Input {
    /// Standard input of the process.
    Standard(BufReader<io::Stdin>),
    /// A file.
    File(BufReader<File>),
    /// Nothing.
    Empty(io::Empty),
}

impl Input {
    /// Standard input.
    pub(crate) fn standard() -> Input {
        Input::Standard(BufReader::with_capacity(BUFFER, io::stdin()))
    }

    /// Nothing: reads find the end.
    pub(crate) fn empty() -> Input {
        Input::Empty(io::empty())
    }

    /// A file of the host.
    pub(crate) fn file(path: &Path) -> Result<Input, Failure> {
        match File::open(path) {
            Ok(file) => Ok(Input::File(BufReader::with_capacity(BUFFER, file))),
            Err(error) => {
                Err(Failure::host(format!("cannot read `{}`: {}", display_name(path), reason(&error))))
            }
        }
    }

    /// Where the bytes come from.
    pub(crate) fn reader(&mut self) -> &mut dyn BufRead {
        match self {
            Input::Standard(reader) => reader,
            Input::File(reader) => reader,
            Input::Empty(reader) => reader,
        }
    }

    /// Whether the next read may wait for somebody.
    pub(crate) fn may_wait(&self) -> bool {
        matches!(self, Input::Standard(reader) if reader.buffer().is_empty())
    }
}

/// When output goes on to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// When the buffer is full.
    Full,
    /// At each line end, because a person looks at it.
    Line,
    /// At once.
    Write,
}

/// Standard streams of the process, or files in their place.
pub(crate) struct HostConsole {
    output: BufWriter<StdoutLock<'static>>,
    pace: Pace,
    /// What stands in front of standard output and standard error where they are terminals.
    output_guard: Option<Guard>,
    error_guard: Option<Guard>,
    /// The output stands at the start of a line.
    at_line_start: bool,
    input: Input,
    /// What stands in front of each line, when there are several programs, and what each has written of a line. Without it, what a program
    /// writes is sent on as it is.
    prefixes: Vec<Option<String>>,
    unfinished: Vec<[Vec<u8>; 2]>,
    started: Instant,
    /// What is said before the program reads for the first time.
    notice: Option<&'static str>,
    /// Why a call failed; said once the run has stopped.
    failure: Option<Failure>,
}

impl HostConsole {
    /// A console that reads from `input`; with `raw`, terminals are sent everything that is written.
    pub(crate) fn new(input: Input, raw: bool) -> HostConsole {
        let interactive = io::stdout().is_terminal();
        HostConsole {
            output: BufWriter::with_capacity(BUFFER, io::stdout().lock()),
            pace: if interactive { Pace::Line } else { Pace::Full },
            output_guard: (interactive && !raw).then(Guard::default),
            error_guard: (io::stderr().is_terminal() && !raw).then(Guard::default),
            at_line_start: true,
            input,
            prefixes: Vec::new(),
            unfinished: Vec::new(),
            started: Instant::now(),
            notice: None,
            failure: None,
        }
    }

    /// From now on each line begins with what the program has that has written it.
    pub(crate) fn prefix_lines(&mut self, prefixes: Vec<Option<String>>) {
        self.unfinished = vec![Default::default(); prefixes.len()];
        self.prefixes = prefixes;
    }

    /// From now on nothing that is written waits.
    pub(crate) fn write_at_once(&mut self) {
        self.pace = Pace::Write;
    }

    /// Says something before the program reads for the first time.
    pub(crate) fn announce_reading(&mut self, notice: &'static str) {
        self.notice = Some(notice);
    }

    /// Hands everything to the host; the program writes no more.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        for (program, parts) in std::mem::take(&mut self.unfinished).into_iter().enumerate() {
            for (stream, part) in [Stream::Output, Stream::Error].into_iter().zip(parts) {
                if !part.is_empty() {
                    self.write_line(program, stream, &[&part, &b"\n"[..]].concat())?;
                }
            }
        }
        let mut rest = Vec::new();
        if let Some(guard) = &mut self.output_guard {
            guard.end(&mut rest);
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

    /// Hands everything to the host.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.output.flush()?)
    }

    /// Text of the tools between the output of the program, from the start of a line on.
    pub(crate) fn tool_text(&mut self, text: &str) -> Result<(), Failure> {
        let line_end = if self.in_a_line() { "\n" } else { "" };
        self.at_line_start = true;
        self.output.write_all(line_end.as_bytes())?;
        let text = if self.output.get_ref().is_terminal() { shown(text) } else { text.into() };
        self.output.write_all(text.as_bytes())?;
        self.flush()
    }

    /// Whether the program has left a line unfinished where text of the tools goes.
    fn in_a_line(&self) -> bool {
        if streams_meet() { !line_end().is_empty() } else { !self.at_line_start }
    }

    /// What the error of a failed call really was.
    pub(crate) fn failure(&mut self, error: io::Error) -> Failure {
        self.failure.take().unwrap_or_else(|| error.into())
    }

    /// A whole line of one of several programs. A line that is not finished, of one without a prefix, ends before it.
    fn write_line(&mut self, program: usize, stream: Stream, line: &[u8]) -> io::Result<()> {
        let line_end: &[u8] = if stream == Stream::Output && !self.at_line_start { b"\n" } else { b"" };
        let prefix = self.prefixes[program].as_deref().unwrap_or_default();
        self.write_bytes(stream, &[line_end, prefix.as_bytes(), line].concat())
    }

    /// What several programs write is told apart: whole lines, with the name of the program.
    fn write_lines(&mut self, program: usize, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let index = usize::from(stream == Stream::Error);
        let mut text = std::mem::take(&mut self.unfinished[program][index]);
        text.extend_from_slice(bytes);
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        for line in text[..whole].split_inclusive(|&byte| byte == b'\n') {
            self.write_line(program, stream, line)?;
        }
        self.unfinished[program][index] = text.split_off(whole);
        Ok(())
    }

    fn write_bytes(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
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
                self.output.write_all(sent)?;
                if let Some(&last) = bytes.last() {
                    self.at_line_start = last == b'\n';
                }
                match self.pace {
                    Pace::Full => Ok(()),
                    Pace::Line if !bytes.contains(&b'\n') => Ok(()),
                    Pace::Line | Pace::Write => self.output.flush(),
                }
            }
            Stream::Error => {
                self.output.flush()?;
                // A closed standard error ends nothing: nobody is left to be told.
                let _ = io::stderr().write_all(sent);
                Ok(())
            }
        }
    }

    fn read_with<T>(&mut self, read: impl FnOnce(&mut dyn BufRead) -> io::Result<T>) -> io::Result<T> {
        if let Some(notice) = self.notice.take() {
            let line_end = if self.in_a_line() { "\n" } else { "" };
            self.at_line_start = true;
            self.output.write_all(format!("{line_end}{notice}\n").as_bytes())?;
        }
        if self.input.may_wait() {
            self.output.flush()?;
        }
        while_waiting(|| read(self.input.reader())).inspect_err(|error| {
            self.failure = Some(Failure::host(format!("cannot read standard input: {}", reason(error))));
        })
    }
}

/// A host with a console behind it.
pub(crate) trait OnConsole: Host {
    /// The console.
    fn console(&mut self) -> &mut HostConsole;
}

impl OnConsole for HostConsole {
    fn console(&mut self) -> &mut HostConsole {
        self
    }
}

impl<W: Write> OnConsole for Recording<HostConsole, W> {
    fn console(&mut self) -> &mut HostConsole {
        &mut self.host
    }
}

impl<R: Read> OnConsole for Replaying<HostConsole, R> {
    fn console(&mut self) -> &mut HostConsole {
        &mut self.host
    }
}

impl Drop for HostConsole {
    fn drop(&mut self) {
        // A run that failed leaves a terminal as it found it, too. There is nobody to tell of another failure.
        let _ = self.end();
    }
}

impl Host for HostConsole {
    fn write(&mut self, program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match self.prefixes.get(program as usize) {
            Some(Some(_)) => self.write_lines(program as usize, stream, bytes),
            _ => self.write_bytes(stream, bytes),
        }
    }

    fn can_read(&mut self) -> io::Result<bool> {
        if !self.input.may_wait() {
            return Ok(true);
        }
        // Whoever is to type something sees what was written.
        self.output.flush()?;
        signals::input_is_there()
    }

    fn clock(&mut self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn wall_clock(&mut self) -> i64 {
        // A clock that is set before 1970 shows 0.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    }

    fn signal(&mut self) -> Option<Signal> {
        signals::next()
    }

    fn wait(&mut self, until: Option<u64>, input: bool) -> io::Result<bool> {
        self.output.flush()?;
        let left = until.map(|until| Duration::from_nanos(until.saturating_sub(self.clock())));
        signals::wait(left, input && self.input.may_wait())?;
        Ok(true)
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.read_with(|reader| {
            let mut line = Vec::new();
            reader.take(most as u64).read_until(b'\n', &mut line)?;
            Ok(line)
        })
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.read_with(|reader| {
            let found = reader.fill_buf()?;
            let bytes = found[..found.len().min(most)].to_vec();
            reader.consume(bytes.len());
            Ok(bytes)
        })
    }
}
