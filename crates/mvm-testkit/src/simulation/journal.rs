//! What the guest has said, line by line.

use std::io;

use mvm_kernel::{Host, Pid, Stream};

/// A line: what happened, and three numbers, of which the first is the process that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: u8,
    pub(super) me: Pid,
    pub(super) a: i64,
    pub(super) b: i64,
}

/// All lines, in the order in which they were written. Those of one process are in its own order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Journal {
    pub(super) lines: Vec<Line>,
    /// Text that is no line.
    pub(super) wrong: Option<String>,
}

impl Journal {
    /// The process that receives frames, once it has been said which one that is.
    pub(super) fn listener(&self) -> Option<Pid> {
        self.lines.iter().find(|line| line.kind == b'L').map(|line| Pid(line.a as u64))
    }

    fn parse(text: &str) -> Option<Line> {
        let mut words = text.split(' ');
        let kind = words.next()?.bytes().next()?;
        let mut number = || words.next()?.parse::<i64>().ok();
        let line = Line { kind, me: Pid(number()? as u64), a: number()?, b: number()? };
        words.next().is_none().then_some(line)
    }
}

impl Host for Journal {
    fn write(&mut self, _: u32, _: Stream, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        match Journal::parse(&text) {
            Some(line) => self.lines.push(line),
            None => self.wrong = Some(text.into_owned()),
        }
        Ok(())
    }

    fn read_line(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn read(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}
