//! Writing down what the host did, and playing it back.
//!
//! A run is a function of its programs, its settings and what the host answers. [`Recording`] stands in front of a host and writes its
//! answers down; [`Replaying`] gives the same answers again, and says where the machine first did something else than then.
//!
//! The form: a byte for the kind of call, then its numbers as LEB128, byte strings with their length in front. What was written is
//! kept as length and hash (XXH3). A host is asked for signals and for whether input is there very often; only the answers that are not
//! "none" and "no" are written down, with the number of questions before.

use std::fmt;
use std::io::{self, Read, Write};

use xxhash_rust::xxh3::xxh3_64;

use crate::host::{Host, Stream};
use crate::signal::Signal;

/// Bytes that a program can have read at once; more in a record is damage.
const READ_MAX: u64 = 1 << 32;

/// What passes between the machine and its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Something was written.
    Write {
        /// By which program.
        program: u32,
        /// Where to.
        stream: Stream,
        /// How many bytes.
        length: u64,
        /// Hash of them.
        hash: u64,
    },
    /// A line was asked for.
    ReadLine(Vec<u8>),
    /// Bytes were asked for.
    Read(Vec<u8>),
    /// Input was there when this was asked again after so many times.
    CanRead(u64),
    /// The clock showed this.
    Clock(u64),
    /// The clock on the wall showed this.
    WallClock(i64),
    /// A signal had come when this was asked again after so many times.
    Signal(Signal, u64),
    /// The host waited, and something can still happen.
    Waited(bool),
    /// The run is over: reductions, and hash of the state.
    End(u64, u64),
    /// A device was asked for something.
    Request {
        /// The number of the request.
        number: u64,
        /// Which device.
        device: i64,
        /// How many bytes say what for.
        length: u64,
        /// Hash of them.
        hash: u64,
        /// Whether there is such a device.
        there: bool,
    },
    /// A device had answered the request of this number when this was asked again after so many times.
    Completed(u64, Vec<u8>, u64),
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Write { program, stream, length, hash } => {
                let stream = if *stream == Stream::Output { "standard output" } else { "standard error" };
                write!(f, "program {program} writes {length} bytes to {stream} (hash {hash:016x})")
            }
            Call::ReadLine(bytes) => write!(f, "a line of {} bytes is read", bytes.len()),
            Call::Read(bytes) => write!(f, "{} bytes are read", bytes.len()),
            Call::CanRead(_) => f.write_str("input is there"),
            Call::Clock(now) => write!(f, "the clock shows {now} ns"),
            Call::WallClock(now) => write!(f, "the clock on the wall shows {now} ns"),
            Call::Signal(signal, _) => write!(f, "the signal {signal:?} comes"),
            Call::Waited(_) => f.write_str("the machine waits for the host"),
            Call::Request { number, device, length, hash, there } => {
                let there = if *there { "" } else { ", which is not there" };
                write!(
                    f,
                    "request {number} asks device {device} with {length} bytes (hash {hash:016x}){there}"
                )
            }
            Call::Completed(number, answer, _) => {
                write!(f, "request {number} is answered with {} bytes", answer.len())
            }
            Call::End(reductions, hash) => {
                write!(f, "the run ends after {reductions} reductions (state {hash:016x})")
            }
        }
    }
}

/// Appends a number in LEB128.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

impl Call {
    /// What was written, as it is kept.
    pub fn written(program: u32, stream: Stream, bytes: &[u8]) -> Call {
        Call::Write { program, stream, length: bytes.len() as u64, hash: xxh3_64(bytes) }
    }

    /// What was asked of a device, as it is kept.
    pub fn request(number: u64, device: i64, what: &[u8], there: bool) -> Call {
        Call::Request { number, device, length: what.len() as u64, hash: xxh3_64(what), there }
    }

    /// Appends its bytes.
    fn encode(&self, out: &mut Vec<u8>) {
        let (kind, numbers, bytes): (u8, &[u64], Option<&[u8]>) = match self {
            Call::Write { program, stream, length, hash } => {
                let kind = if *stream == Stream::Output { 0 } else { 1 };
                (kind, &[u64::from(*program), *length, *hash], None)
            }
            Call::ReadLine(bytes) => (2, &[], Some(bytes)),
            Call::Read(bytes) => (3, &[], Some(bytes)),
            Call::CanRead(before) => (4, &[*before], None),
            Call::Clock(now) => (5, &[*now], None),
            Call::WallClock(now) => (6, &[*now as u64], None),
            Call::Signal(signal, before) => (7, &[*signal as u64, *before], None),
            Call::Waited(more) => (8, &[u64::from(*more)], None),
            Call::End(reductions, hash) => (9, &[*reductions, *hash], None),
            Call::Request { number, device, length, hash, there } => {
                (10, &[*number, *device as u64, *length, *hash, u64::from(*there)], None)
            }
            Call::Completed(number, answer, before) => (11, &[*number, *before], Some(answer)),
        };
        out.push(kind);
        numbers.iter().for_each(|&number| put(out, number));
        if let Some(bytes) = bytes {
            put(out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
    }

    /// Reads one. None at the end.
    fn decode(input: &mut impl Read) -> io::Result<Option<Call>> {
        let mut kind = [0];
        if input.read(&mut kind)? == 0 {
            return Ok(None);
        }
        let mut number = || number(input);
        Ok(Some(match kind[0] {
            0 | 1 => {
                let stream = if kind[0] == 0 { Stream::Output } else { Stream::Error };
                let program = u32::try_from(number()?).map_err(|_| damaged())?;
                Call::Write { program, stream, length: number()?, hash: number()? }
            }
            2 => Call::ReadLine(bytes(input)?),
            3 => Call::Read(bytes(input)?),
            4 => Call::CanRead(number()?),
            5 => Call::Clock(number()?),
            6 => Call::WallClock(number()? as i64),
            7 => {
                let signal = Signal::from_number(number()? as i64).ok_or_else(damaged)?;
                Call::Signal(signal, number()?)
            }
            8 => Call::Waited(number()? != 0),
            9 => Call::End(number()?, number()?),
            10 => Call::Request {
                number: number()?,
                device: number()? as i64,
                length: number()?,
                hash: number()?,
                there: number()? != 0,
            },
            11 => {
                let (request, before) = (number()?, number()?);
                Call::Completed(request, bytes(input)?, before)
            }
            _ => return Err(damaged()),
        }))
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the record is damaged")
}

fn number(input: &mut impl Read) -> io::Result<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        value |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Ok(value);
        }
    }
    Err(damaged())
}

fn bytes(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = number(input)?;
    if length > READ_MAX {
        return Err(damaged());
    }
    let mut bytes = Vec::new();
    // What is there is taken, not what is said to be there.
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(damaged());
    }
    Ok(bytes)
}

/// A host whose answers are written down.
#[derive(Debug)]
pub struct Recording<H, W: Write> {
    /// The host.
    pub host: H,
    record: W,
    buffer: Vec<u8>,
    /// How often it was asked for a signal, and whether input is there, since that was written down.
    no_signal: u64,
    no_input: u64,
    /// The same of answers of devices.
    no_answer: u64,
    /// Why the record is not complete.
    failed: Option<io::Error>,
}

impl<H: Host, W: Write> Recording<H, W> {
    /// Writes the answers of `host` into `record`.
    pub fn new(host: H, record: W) -> Recording<H, W> {
        Recording { host, record, buffer: Vec::new(), no_signal: 0, no_input: 0, no_answer: 0, failed: None }
    }

    fn note(&mut self, call: &Call) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.buffer.clear();
        call.encode(&mut self.buffer);
        self.record.write_all(&self.buffer)
    }

    /// The same where nobody can be told; the next call that can fail does.
    fn note_quietly(&mut self, call: &Call) {
        if let Err(error) = self.note(call) {
            self.failed = Some(error);
        }
    }

    /// The run is over: this is written down too, and all of it is handed on.
    ///
    /// # Errors
    /// Those of the record.
    pub fn end(&mut self, reductions: u64, hash: u64) -> io::Result<()> {
        self.note(&Call::End(reductions, hash))?;
        self.record.flush()
    }
}

impl<H: Host, W: Write> Host for Recording<H, W> {
    fn write(&mut self, program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.note(&Call::written(program, stream, bytes))?;
        self.host.write(program, stream, bytes)
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let line = self.host.read_line(most)?;
        let call = Call::ReadLine(line);
        self.note(&call)?;
        Ok(read_by(call))
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let bytes = self.host.read(most)?;
        let call = Call::Read(bytes);
        self.note(&call)?;
        Ok(read_by(call))
    }

    fn can_read(&mut self) -> io::Result<bool> {
        if self.host.can_read()? {
            let before = std::mem::take(&mut self.no_input);
            self.note(&Call::CanRead(before))?;
            return Ok(true);
        }
        self.no_input += 1;
        Ok(false)
    }

    fn clock(&mut self) -> u64 {
        let now = self.host.clock();
        self.note_quietly(&Call::Clock(now));
        now
    }

    fn wall_clock(&mut self) -> i64 {
        let now = self.host.wall_clock();
        self.note_quietly(&Call::WallClock(now));
        now
    }

    fn signal(&mut self) -> Option<Signal> {
        match self.host.signal() {
            Some(signal) => {
                let before = std::mem::take(&mut self.no_signal);
                self.note_quietly(&Call::Signal(signal, before));
                Some(signal)
            }
            None => {
                self.no_signal += 1;
                None
            }
        }
    }

    fn request(&mut self, number: u64, device: i64, what: &[u8]) -> io::Result<bool> {
        let there = self.host.request(number, device, what)?;
        self.note(&Call::request(number, device, what, there))?;
        Ok(there)
    }

    fn completed(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let Some((number, answer)) = self.host.completed()? else {
            self.no_answer += 1;
            return Ok(None);
        };
        let before = std::mem::take(&mut self.no_answer);
        let call = Call::Completed(number, answer, before);
        self.note(&call)?;
        Ok(answered_by(call))
    }

    fn wait(&mut self, until: Option<u64>, input: bool) -> io::Result<bool> {
        let more = self.host.wait(until, input)?;
        self.note(&Call::Waited(more))?;
        Ok(more)
    }
}

fn read_by(call: Call) -> Vec<u8> {
    match call {
        Call::ReadLine(bytes) | Call::Read(bytes) => bytes,
        _ => Vec::new(),
    }
}

fn answered_by(call: Call) -> Option<(u64, Vec<u8>)> {
    match call {
        Call::Completed(number, answer, _) => Some((number, answer)),
        _ => None,
    }
}

/// Where a run that is played back first did something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// The number of the call, from 1.
    pub number: u64,
    /// What happened then; none when the record ends here.
    pub recorded: Option<Call>,
    /// What happens now.
    pub found: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.recorded {
            Some(recorded) => {
                write!(f, "call {} of the host: recorded: {recorded}; now: {}", self.number, self.found)
            }
            None => write!(f, "call {} of the host: the record ends; now: {}", self.number, self.found),
        }
    }
}

/// A host that answers as another did before. What is written goes on to a host that only shows it.
#[derive(Debug)]
pub struct Replaying<H, R: Read> {
    /// Who shows what is written.
    pub host: H,
    record: R,
    /// The next call of the record.
    next: Option<Call>,
    number: u64,
    no_signal: u64,
    no_input: u64,
    no_answer: u64,
    /// Where the run first did something else.
    pub divergence: Option<Divergence>,
}

impl<H: Host, R: Read> Replaying<H, R> {
    /// Answers as `record` says; output goes on to `host`.
    ///
    /// # Errors
    /// Those of the record.
    pub fn new(host: H, mut record: R) -> io::Result<Replaying<H, R>> {
        let next = Call::decode(&mut record)?;
        Ok(Replaying {
            host,
            record,
            next,
            number: 1,
            no_signal: 0,
            no_input: 0,
            no_answer: 0,
            divergence: None,
        })
    }

    /// Takes the next call of the record.
    fn take(&mut self) -> io::Result<Option<Call>> {
        let call = self.next.take();
        self.next = Call::decode(&mut self.record)?;
        self.number += 1;
        Ok(call)
    }

    /// Something else happens than was recorded. Once is enough to say.
    fn diverges(&mut self, found: impl fmt::Display) -> io::Error {
        if self.divergence.is_none() {
            let recorded = self.next.clone();
            self.divergence = Some(Divergence { number: self.number, recorded, found: found.to_string() });
        }
        io::Error::other("the run does not do what was recorded")
    }

    /// The run is over; it has to be so in the record.
    ///
    /// # Errors
    /// When it is not.
    pub fn end(&mut self, reductions: u64, hash: u64) -> io::Result<()> {
        let now = Call::End(reductions, hash);
        if self.next.as_ref() == Some(&now) { Ok(()) } else { Err(self.diverges(now)) }
    }
}

impl<H: Host, R: Read> Host for Replaying<H, R> {
    fn write(&mut self, program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let now = Call::written(program, stream, bytes);
        if self.next.as_ref() != Some(&now) {
            return Err(self.diverges(now));
        }
        self.take()?;
        self.host.write(program, stream, bytes)
    }

    fn read_line(&mut self, _: usize) -> io::Result<Vec<u8>> {
        match &self.next {
            Some(Call::ReadLine(_)) => Ok(self.take()?.map(read_by).unwrap_or_default()),
            _ => Err(self.diverges("a line is read")),
        }
    }

    fn read(&mut self, _: usize) -> io::Result<Vec<u8>> {
        match &self.next {
            Some(Call::Read(_)) => Ok(self.take()?.map(read_by).unwrap_or_default()),
            _ => Err(self.diverges("bytes are read")),
        }
    }

    fn can_read(&mut self) -> io::Result<bool> {
        if let Some(Call::CanRead(before)) = self.next
            && before == self.no_input
        {
            self.no_input = 0;
            self.take()?;
            return Ok(true);
        }
        self.no_input += 1;
        Ok(false)
    }

    fn clock(&mut self) -> u64 {
        match self.next {
            Some(Call::Clock(now)) => {
                // A record that cannot be read ends, which the next call that can fail notices.
                let _ = self.take();
                now
            }
            _ => {
                let _ = self.diverges("the clock is asked");
                0
            }
        }
    }

    fn wall_clock(&mut self) -> i64 {
        match self.next {
            Some(Call::WallClock(now)) => {
                let _ = self.take();
                now
            }
            _ => {
                let _ = self.diverges("the clock on the wall is asked");
                0
            }
        }
    }

    fn signal(&mut self) -> Option<Signal> {
        if let Some(Call::Signal(signal, before)) = self.next
            && before == self.no_signal
        {
            self.no_signal = 0;
            let _ = self.take();
            return Some(signal);
        }
        self.no_signal += 1;
        None
    }

    fn request(&mut self, number: u64, device: i64, what: &[u8]) -> io::Result<bool> {
        let there = matches!(self.next, Some(Call::Request { there: true, .. }));
        let now = Call::request(number, device, what, there);
        if self.next.as_ref() != Some(&now) {
            return Err(self.diverges(now));
        }
        self.take()?;
        Ok(there)
    }

    fn completed(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(Call::Completed(_, _, before)) = self.next
            && before == self.no_answer
        {
            self.no_answer = 0;
            return Ok(self.take()?.and_then(answered_by));
        }
        self.no_answer += 1;
        Ok(None)
    }

    fn wait(&mut self, _: Option<u64>, _: bool) -> io::Result<bool> {
        match self.next {
            Some(Call::Waited(more)) => {
                self.take()?;
                Ok(more)
            }
            _ => Err(self.diverges("the machine waits for the host")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls() -> Vec<Call> {
        vec![
            Call::written(3, Stream::Output, b"hello"),
            Call::written(0, Stream::Error, b""),
            Call::ReadLine(b"line\n".to_vec()),
            Call::Read(vec![0; 300]),
            Call::CanRead(u64::MAX),
            Call::Clock(1 << 40),
            Call::WallClock(-1),
            Call::Signal(Signal::Interrupt, 7),
            Call::Waited(true),
            Call::Waited(false),
            Call::End(12, 34),
            Call::request(5, -2, b"sector", true),
            Call::Completed(5, b"its bytes".to_vec(), 9),
        ]
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut bytes = Vec::new();
        calls().iter().for_each(|call| call.encode(&mut bytes));
        let mut input = &*bytes;
        for call in calls() {
            assert_eq!(Call::decode(&mut input).unwrap(), Some(call));
        }
        assert_eq!(Call::decode(&mut input).unwrap(), None);
    }

    #[test]
    fn damaged_records_are_errors() {
        let mut bytes = Vec::new();
        calls().iter().for_each(|call| call.encode(&mut bytes));
        let mut whole = 0;
        for end in 0..bytes.len() {
            let mut input = &bytes[..end];
            let ended = loop {
                match Call::decode(&mut input) {
                    Ok(Some(_)) => {}
                    Ok(None) => break true,
                    Err(_) => break false,
                }
            };
            whole += usize::from(ended);
        }
        assert_eq!(whole, calls().len(), "only between calls does a part of a record end well");
        assert!(Call::decode(&mut &[99u8][..]).is_err());
        assert!(Call::decode(&mut &[2u8, 0xff, 0xff, 0xff, 0xff, 0xff, 1][..]).is_err());
    }
}
