//! The console of a program that runs on this host: standard input, output and error.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, StdoutLock, Write};
use std::path::Path;

use mvm_exec::{Console, Stream};

use crate::output::{Failure, reason};
use crate::source::display_name;

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

    fn reader(&mut self) -> &mut dyn BufRead {
        match self {
            Input::Standard(reader) => reader,
            Input::File(reader) => reader,
            Input::Empty(reader) => reader,
        }
    }

    /// Whether the next read may wait for somebody.
    fn may_wait(&self) -> bool {
        matches!(self, Input::Standard(reader) if reader.buffer().is_empty())
    }
}

/// Standard streams of the process, or files in their place.
pub(crate) struct HostConsole {
    output: BufWriter<StdoutLock<'static>>,
    /// A person looks at the output, so that it is shown line by line.
    interactive: bool,
    /// The output stands at the start of a line.
    at_line_start: bool,
    input: Input,
    /// Why a call failed; said once the run has stopped.
    failure: Option<Failure>,
}

impl HostConsole {
    /// A console that reads from `input`.
    pub(crate) fn new(input: Input) -> HostConsole {
        let interactive = io::stdout().is_terminal();
        let output = BufWriter::with_capacity(BUFFER, io::stdout().lock());
        HostConsole { output, interactive, at_line_start: true, input, failure: None }
    }

    /// Hands everything to the host.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.output.flush()?)
    }

    /// Text of the tools between the output of the program, from the start of a line on.
    pub(crate) fn tool_text(&mut self, text: &str) -> Result<(), Failure> {
        if !std::mem::replace(&mut self.at_line_start, true) {
            self.output.write_all(b"\n")?;
        }
        self.output.write_all(text.as_bytes())?;
        self.flush()
    }

    /// What the error of a failed call really was.
    pub(crate) fn failure(&mut self, error: io::Error) -> Failure {
        self.failure.take().unwrap_or_else(|| error.into())
    }

    fn read_with<T>(&mut self, read: impl FnOnce(&mut dyn BufRead) -> io::Result<T>) -> io::Result<T> {
        if self.input.may_wait() {
            self.output.flush()?;
        }
        read(self.input.reader()).inspect_err(|error| {
            self.failure = Some(Failure::host(format!("cannot read standard input: {}", reason(error))));
        })
    }
}

impl Console for HostConsole {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match stream {
            Stream::Output => {
                self.output.write_all(bytes)?;
                if let Some(&last) = bytes.last() {
                    self.at_line_start = last == b'\n';
                }
                if self.interactive && bytes.contains(&b'\n') { self.output.flush() } else { Ok(()) }
            }
            Stream::Error => {
                self.output.flush()?;
                // A closed standard error ends nothing: nobody is left to be told.
                let _ = io::stderr().write_all(bytes);
                Ok(())
            }
        }
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
