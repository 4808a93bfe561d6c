//! The bytes of snapshots: numbers in LEB128, everything else of numbers.

/// Why bytes are no snapshot of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotError {
    /// Where in the bytes that shows.
    pub offset: usize,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (at offset {:#x})", self.what, self.offset)
    }
}

impl std::error::Error for SnapshotError {}

/// Collects the bytes of a snapshot.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// The bytes so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A number.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// A number that may be missing.
    pub fn optional(&mut self, number: Option<u64>) {
        self.number(u64::from(number.is_some()));
        if let Some(number) = number {
            self.number(number);
        }
    }

    /// A yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.number(flag.into());
    }

    /// 64 bits that are often large.
    pub fn word(&mut self, word: u64) {
        self.bytes.extend(word.to_le_bytes());
    }

    /// Bytes with their length in front.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// The length of a list, which its items follow.
    pub fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut each: impl FnMut(&mut Writer, T)) {
        self.number(items.len() as u64);
        items.for_each(|item| each(self, item));
    }
}

/// Reads what a [`Writer`] has written. Nothing is believed that is not there.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, SnapshotError>;

impl<'a> Reader<'a> {
    /// Reads these bytes from the beginning.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// What is wrong here.
    ///
    /// # Errors
    /// Always.
    pub fn wrong<T>(&self, what: impl Into<String>) -> Read<T> {
        Err(SnapshotError { offset: self.at, what: what.into() })
    }

    /// Whether everything was read.
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        match self.bytes.get(self.at..).and_then(|rest| rest.get(..count)) {
            Some(bytes) => {
                self.at += count;
                Ok(bytes)
            }
            None => self.wrong("the snapshot ends early"),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When there is none.
    pub fn number(&mut self) -> Read<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        self.wrong("a number does not end")
    }

    /// A number that is less than `end`.
    ///
    /// # Errors
    /// When there is none, or it is larger.
    pub fn below(&mut self, end: u64, what: &str) -> Read<u64> {
        match self.number()? {
            number if number < end => Ok(number),
            number => self.wrong(format!("{number} is no {what}: there are {end}")),
        }
    }

    /// A number that fits 32 bits.
    ///
    /// # Errors
    /// When there is none, or it does not.
    pub fn small(&mut self) -> Read<u32> {
        let number = self.number()?;
        u32::try_from(number).or_else(|_| self.wrong(format!("{number} is too large")))
    }

    /// A number that may be missing.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn optional(&mut self) -> Read<Option<u64>> {
        Ok(if self.flag()? { Some(self.number()?) } else { None })
    }

    /// A yes or no.
    ///
    /// # Errors
    /// When there is none.
    pub fn flag(&mut self) -> Read<bool> {
        Ok(self.below(2, "yes or no")? == 1)
    }

    /// 64 bits.
    ///
    /// # Errors
    /// When there are none.
    pub fn word(&mut self) -> Read<u64> {
        let bytes = self.take(8)?;
        Ok(bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    /// Bytes.
    ///
    /// # Errors
    /// When there are fewer than it is said.
    pub fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.number()?;
        match usize::try_from(length) {
            Ok(length) => self.take(length),
            Err(_) => self.wrong("the snapshot ends early"),
        }
    }

    /// Text.
    ///
    /// # Errors
    /// When there is none, or it is no UTF-8.
    pub fn text(&mut self) -> Read<&'a str> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).or_else(|_| self.wrong("a text is not UTF-8"))
    }

    /// A list whose items have at least a byte each.
    ///
    /// # Errors
    /// Those of the items, or when there cannot be so many.
    pub fn list<T>(&mut self, mut each: impl FnMut(&mut Reader<'a>) -> Read<T>) -> Read<Vec<T>> {
        let count = self.number()?;
        if count > (self.bytes.len() - self.at) as u64 {
            return self.wrong("a list is longer than the snapshot");
        }
        (0..count).map(|_| each(self)).collect()
    }
}
