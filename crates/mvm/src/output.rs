//! Standard output of the tools, messages on standard error, and how a command fails.
//!
//! Not here: what a program writes (`host.rs`), what may be sent to a terminal (`terminal.rs`).

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use mvm_kernel::Stream;

use crate::Status;
use crate::terminal::shown;

/// Buffered standard output, which knows whether a person looks at it.
pub(crate) struct Output {
    stream: BufWriter<StdoutLock<'static>>,
}

impl Output {
    /// Standard output of the process.
    pub(crate) fn standard() -> Output {
        Output { stream: BufWriter::with_capacity(1 << 16, io::stdout().lock()) }
    }

    /// Writes text; a terminal is sent only what may be sent to it.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let text = if self.is_terminal() { shown(text) } else { Cow::Borrowed(text) };
        Ok(self.stream.write_all(text.as_bytes())?)
    }

    /// Writes text and ends the line if the text does not.
    pub(crate) fn page(&mut self, text: &str) -> Result<(), Failure> {
        self.text(text)?;
        if text.ends_with('\n') { Ok(()) } else { self.text("\n") }
    }

    /// Writes bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Whether a person looks at it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.stream.get_ref().is_terminal()
    }

    /// Whether text for people should have colors: only on a terminal, and not if `NO_COLOR` is set or the terminal cannot
    /// show them.
    pub(crate) fn is_colored(&self) -> bool {
        colored_output()
    }

    /// Hands everything to the host.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.stream.flush()?)
    }
}

/// Whether standard error stands in the middle of a line: a message would go on with what a program has written.
static IN_A_LINE: AtomicBool = AtomicBool::new(false);

/// Somebody is being waited for: what Ctrl-C can stop is not at work.
static WAITING: AtomicBool = AtomicBool::new(false);

/// Does something that may wait for somebody to type.
pub(crate) fn while_waiting<T>(read: impl FnOnce() -> T) -> T {
    WAITING.store(true, Ordering::Relaxed);
    let result = read();
    WAITING.store(false, Ordering::Relaxed);
    result
}

/// Whether somebody is being waited for.
pub(crate) fn is_waiting() -> bool {
    WAITING.load(Ordering::Relaxed)
}

/// Notes that a program has written these bytes.
pub(crate) fn program_wrote(stream: Stream, bytes: &[u8]) {
    if let Some(&last) = bytes.last()
        && (stream == Stream::Error || streams_meet())
    {
        IN_A_LINE.store(last != b'\n', Ordering::Relaxed);
    }
}

/// What has to be written to standard error so that it stands at the start of a line.
pub(crate) fn line_end() -> &'static str {
    if IN_A_LINE.swap(false, Ordering::Relaxed) { "\n" } else { "" }
}

/// Writes a message to standard error, on lines of its own. A closed standard error leaves nobody to be told.
pub(crate) fn message(text: &str) {
    let text = if io::stderr().is_terminal() { shown(text) } else { Cow::Borrowed(text) };
    let _ = io::stderr().write_all(format!("{}{text}", line_end()).as_bytes());
}

/// Whether standard output and standard error are one terminal, pipe or file.
pub(crate) fn streams_meet() -> bool {
    static MEET: OnceLock<bool> = OnceLock::new();
    *MEET.get_or_init(|| same_file().unwrap_or(false))
}

#[cfg(unix)]
fn same_file() -> io::Result<bool> {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let identity = |stream: std::os::fd::BorrowedFd<'_>| -> io::Result<(u64, u64)> {
        let data = std::fs::File::from(stream.try_clone_to_owned()?).metadata()?;
        Ok((data.dev(), data.ino()))
    };
    Ok(identity(io::stdout().as_fd())? == identity(io::stderr().as_fd())?)
}

#[cfg(not(unix))]
fn same_file() -> io::Result<bool> {
    Ok(io::stdout().is_terminal() && io::stderr().is_terminal())
}

/// Whether diagnostics on standard error should have colors: only on a terminal, and not if `NO_COLOR` is set or the
/// terminal cannot show them.
pub(crate) fn colored_errors() -> bool {
    io::stderr().is_terminal() && shows_colors()
}

/// The same for text on standard output.
pub(crate) fn colored_output() -> bool {
    io::stdout().is_terminal() && shows_colors()
}

/// Whether a terminal may be sent colors.
fn shows_colors() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Why a command ended without doing what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of standard output went away. Nobody is left to be told.
    ClosedOutput,
    /// A message, what to do about it, and the exit status.
    Message { status: Status, message: String, help: Option<String> },
    /// Everything has been said on standard error already.
    Reported(Status),
    /// An option asked for a text instead, which goes to standard output.
    Answered(String),
}

impl Failure {
    /// Wrong usage, or a source or module in error.
    pub(crate) fn wrong(message: impl Into<String>) -> Failure {
        Failure::Message { status: Status::WRONG, message: message.into(), help: None }
    }

    /// A file or stream of the host failed.
    pub(crate) fn host(message: impl Into<String>) -> Failure {
        Failure::Message { status: Status::HOST, message: message.into(), help: None }
    }

    /// Adds a line of advice.
    pub(crate) fn help(self, text: impl Into<String>) -> Failure {
        match self {
            Failure::Message { status, message, .. } => {
                Failure::Message { status, message, help: Some(text.into()) }
            }
            other => other,
        }
    }

    /// Tells the person and gives the exit status of the process.
    pub(crate) fn report(self) -> ExitCode {
        self.tell().into()
    }

    /// Tells the person.
    pub(crate) fn tell(self) -> Status {
        match self {
            Failure::ClosedOutput => Status::CLOSED_OUTPUT,
            Failure::Reported(status) => status,
            Failure::Answered(text) => match io::stdout().write_all(text.as_bytes()) {
                Ok(()) => Status::OK,
                Err(error) => Failure::from(error).tell(),
            },
            Failure::Message { status, message, help } => {
                let (red, bold, plain) =
                    if colored_errors() { ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
                let mut text = format!("{red}error{plain}{bold}: {message}{plain}\n");
                if let Some(help) = help {
                    text.push_str(&format!("  {bold}= help{plain}: {help}\n"));
                }
                self::message(&text);
                status
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedOutput,
            _ => Failure::host(format!("cannot write to standard output: {}", reason(&error))),
        }
    }
}

/// The reason of an I/O error in the words of the host, without the number, in lower case.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => "unknown reason".into(),
    }
}

/// Writes text to standard output at once; a terminal is sent only what may be sent to it.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    let text = if output.is_terminal() { shown(text) } else { Cow::Borrowed(text) };
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}
