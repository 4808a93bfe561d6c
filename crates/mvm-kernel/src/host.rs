//! The way outside: everything that comes in or goes out passes one trait, so that it can be written down and played back.

use std::io;

use crate::signal::Signal;

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// The host, as the machine sees it. Errors end the run.
pub trait Host {
    /// Writes all bytes, for the program of that number.
    ///
    /// # Errors
    /// Whatever the host says, for example that nobody reads any more.
    fn write(&mut self, program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()>;

    /// Reads up to and including the next line end, to the end of the input, or so many bytes; empty at the end.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>>;

    /// Reads at most so many bytes, at least one; empty at the end.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read(&mut self, most: usize) -> io::Result<Vec<u8>>;

    /// Whether a read would be answered at once. When not, and time is not that of the host, time does not pass until input is there.
    ///
    /// # Errors
    /// Whatever the host says.
    fn can_read(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    /// Nanoseconds since the machine was started, by a clock that never goes back. Asked once a round, when time is that of the host.
    fn clock(&mut self) -> u64 {
        0
    }

    /// Nanoseconds since 1970 (UTC).
    fn wall_clock(&mut self) -> i64 {
        0
    }

    /// A signal that has come since it was asked last. Asked once a round.
    fn signal(&mut self) -> Option<Signal> {
        None
    }

    /// Begins what a process asks a device for. False when there is no such device. The answer comes by [`completed`](Host::completed), with
    /// the same number. After a restart from a snapshot, what has not been answered is asked again with its number: who still knows of it goes
    /// on with that.
    ///
    /// # Errors
    /// Whatever the host says. What a device says of itself is an answer.
    fn request(&mut self, _number: u64, _device: i64, _what: &[u8]) -> io::Result<bool> {
        Ok(false)
    }

    /// An answer that has come since it was asked last, and the number of its request. Asked once a round, and again after each
    /// answer, as long as there are requests without one.
    ///
    /// # Errors
    /// Whatever the host says.
    fn completed(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        Ok(None)
    }

    /// Waits until the clock shows this, or something else happens: input, a signal, an answer of a device. False when nothing can happen.
    /// When time is not that of the host, and a device has been asked, true says that an answer is on its way: then a round's time passes.
    ///
    /// # Errors
    /// Whatever the host says.
    fn wait(&mut self, _until: Option<u64>, _input: bool) -> io::Result<bool> {
        Ok(false)
    }
}
