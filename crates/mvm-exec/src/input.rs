//! Standard input as a program reads it: what the console gives, and what was read but found no room in the heap.
//!
//! A read whose result does not fit the heap traps; its input is kept here and read again, so a program that catches
//! the trap loses nothing. No more is taken from the console at once than could ever fit.

use std::io;
use std::str::Utf8Chunk;

use mvm_isa::{Trap, TrapCode, TypeId};
use mvm_module::limits;

use crate::machine::Console;
use crate::process::{Fault, Process};

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
    pub(crate) fn line(&mut self, console: &mut impl Console, most: usize) -> io::Result<Vec<u8>> {
        let end = self.rest().iter().take(most).position(|&byte| byte == b'\n');
        let mut line = self.some(end.map_or(most, |end| end + 1));
        if end.is_none() && line.len() < most {
            line.extend(console.read_line(most - line.len())?);
        }
        Ok(line)
    }

    /// Everything up to the end of the input, at most `most` bytes.
    pub(crate) fn all(&mut self, console: &mut impl Console, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = self.some(most);
        while bytes.len() < most {
            let more = console.read(most - bytes.len())?;
            if more.is_empty() {
                break;
            }
            bytes.extend(more);
        }
        Ok(bytes)
    }

    /// At most `most` bytes; empty only at the end of the input, or when none are asked for.
    pub(crate) fn bytes(&mut self, console: &mut impl Console, most: usize) -> io::Result<Vec<u8>> {
        let kept = self.some(most);
        if kept.is_empty() && most > 0 { console.read(most) } else { Ok(kept) }
    }

    /// Takes back what the last read gave.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>) {
        if self.kept.is_empty() {
            // It was all that was kept before, if anything, and perhaps more from the console.
            self.kept = bytes;
        } else {
            self.at = self.began;
        }
    }

    /// What is kept.
    fn rest(&self) -> &[u8] {
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

impl Process {
    /// A string of bytes that may not be UTF-8: what is wrong in them becomes U+FFFD. Written in place, because it can be
    /// three times as long as the bytes.
    pub(crate) fn alloc_input(&mut self, bytes: &[u8]) -> Result<u32, Fault> {
        const WRONG: &[u8] = "\u{fffd}".as_bytes();
        if std::str::from_utf8(bytes).is_ok() {
            return self.alloc_bytes(TypeId::STR, bytes);
        }
        let wrong = |chunk: &Utf8Chunk<'_>| if chunk.invalid().is_empty() { &[] } else { WRONG };
        let length =
            bytes.utf8_chunks().map(|chunk| chunk.valid().len() + wrong(&chunk).len()).sum::<usize>();
        if length > limits::LENGTH_MAX {
            return Err(Trap::new(TrapCode::InvalidArgument, length as i64, limits::LENGTH_MAX as i64).into());
        }
        let object = self.alloc(TypeId::STR, length as u32, length.div_ceil(8))?;
        let mut rest = self.heap.payload_mut(object, length);
        for chunk in bytes.utf8_chunks() {
            for part in [chunk.valid().as_bytes(), wrong(&chunk)] {
                let (start, after) = rest.split_at_mut(part.len());
                start.copy_from_slice(part);
                rest = after;
            }
        }
        Ok(object)
    }
}
