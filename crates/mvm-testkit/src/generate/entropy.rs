//! Bytes that decide what is generated.
//!
//! The same bytes give the same module on every host and for ever, so a fuzzer can keep and change them. When they are
//! used up every decision is 0, which is the simplest one.

use crate::rng::Rng;

/// A source of decisions.
#[derive(Debug, Clone)]
pub struct Entropy<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The bytes of a seed: 300 to 8,000 of them.
pub fn bytes_of_seed(seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let count = 300 + rng.below(90) * rng.below(80) + rng.below(500);
    (0..count).map(|_| rng.bits() as u8).collect()
}

/// The bytes of a seed for judges that look at very many: most of them few, so that most programs are small.
pub(super) fn few_bytes_of_seed(seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let count = match rng.below(32) {
        0..28 => 250 + rng.below(350),
        28..31 => 600 + rng.below(900),
        _ => 1_200 + rng.below(7_000),
    };
    (0..count).map(|_| rng.bits() as u8).collect()
}

impl<'a> Entropy<'a> {
    /// A source that reads `bytes` from the start.
    pub fn new(bytes: &'a [u8]) -> Entropy<'a> {
        Entropy { bytes, at: 0 }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    /// Whether all bytes are used up.
    pub fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        match end {
            0 | 1 => 0,
            2..=256 => usize::from(self.byte()) % end,
            _ => usize::from(u16::from_le_bytes([self.byte(), self.byte()])) % end,
        }
    }

    /// True once in so many times; never when the bytes are used up.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of the items.
    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> Option<&'t T> {
        items.get(self.below(items.len()))
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// An integer that is likely to be interesting.
    pub fn int(&mut self) -> i64 {
        match self.below(8) {
            0..=3 => self.below(20) as i64 - 3,
            4 => *self.pick(&[0, 1, -1, i64::MIN, i64::MAX, 63, 64, 1 << 31, 1 << 32]).unwrap_or(&0),
            5 => (1i64 << self.below(64)).wrapping_add(self.below(5) as i64 - 2),
            6 => i64::from(self.byte()) << self.below(56),
            _ => self.bits() as i64,
        }
    }

    /// A float that is likely to be interesting. NaN is the canonical one.
    pub fn float(&mut self) -> f64 {
        let edges =
            [0.0, -0.0, 1.0, -1.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE];
        let value = match self.below(4) {
            0 => *self.pick(&edges).unwrap_or(&0.0),
            1 => self.int() as f64,
            2 => (self.below(4000) as f64 - 2000.0) / 16.0,
            _ => f64::from_bits(self.bits()),
        };
        mvm_isa::sem::canonical(value)
    }
}
