//! Standard input as a program reads it: what the console gives, and what was read but found no room in the heap.
//!
//! A read whose result does not fit the heap traps; its input is kept here and read again, so a program that catches
//! the trap loses nothing. No more is taken from the console at once than could ever fit.

use std::io;

use crate::host::Host;

/// What has been read and not been taken.
#[derive(Debug, Default)]
pub(crate) struct Input {
    kept: Vec<u8>,
    /// How much of `kept` has been taken since, and how much before the last read.
    at: usize,
    began: usize,
}

impl Input {
    /// Up to and including the next line end, at most `most` bytes; empty at the end of the input.
    pub(crate) fn line(&mut self, host: &mut impl Host, most: usize) -> io::Result<Vec<u8>> {
        let end = self.rest().iter().take(most).position(|&byte| byte == b'\n');
        let mut line = self.some(end.map_or(most, |end| end + 1));
        if end.is_none() && line.len() < most {
            line.extend(host.read_line(most - line.len())?);
        }
        Ok(line)
    }

    /// Everything up to the end of the input, at most `most` bytes.
    pub(crate) fn all(&mut self, host: &mut impl Host, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = self.some(most);
        while bytes.len() < most {
            let more = host.read(most - bytes.len())?;
            if more.is_empty() {
                break;
            }
            bytes.extend(more);
        }
        Ok(bytes)
    }

    /// At most `most` bytes; empty only at the end of the input, or when none are asked for.
    pub(crate) fn bytes(&mut self, host: &mut impl Host, most: usize) -> io::Result<Vec<u8>> {
        let kept = self.some(most);
        if kept.is_empty() && most > 0 { host.read(most) } else { Ok(kept) }
    }

    /// Whether something is kept, so that nothing has to be read.
    pub(crate) fn has_kept(&self) -> bool {
        !self.rest().is_empty()
    }

    /// Takes back what the last read gave.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>) {
        if self.kept.is_empty() {
            // It was all that was kept before, if anything, and perhaps more from the host.
            self.kept = bytes;
        } else {
            self.at = self.began;
        }
    }

    /// What was kept, as bytes say.
    pub(crate) fn of(bytes: &[u8]) -> Input {
        Input { kept: bytes.to_vec(), ..Input::default() }
    }

    /// What is kept.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.kept[self.at..]
    }

    /// Takes what is kept, at most `most` bytes of it.
    fn some(&mut self, most: usize) -> Vec<u8> {
        let bytes = self.rest()[..self.rest().len().min(most)].to_vec();
        self.began = self.at;
        self.at += bytes.len();
        if self.at == self.kept.len() {
            *self = Input::default();
        }
        bytes
    }
}
