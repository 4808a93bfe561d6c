//! A seeded source of random operands.
//!
//! Own and small (SplitMix64), so that a seed in a test means the same numbers for ever.

/// SplitMix64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng {
    state: u64,
}

/// Bit patterns around every edge of the float formats.
const FLOATS: [u64; 40] = [
    0, // 0
    1, // smallest subnormal
    2,
    0x000f_ffff_ffff_ffff, // largest subnormal
    0x0010_0000_0000_0000, // smallest normal
    0x0010_0000_0000_0001,
    0x3680_0000_0000_0000, // 2^-151, below half of the smallest f32
    0x3690_0000_0000_0000, // half of the smallest f32: a tie
    0x3690_0000_0000_0001,
    0x36a0_0000_0000_0000, // smallest f32
    0x380f_ffff_ffff_ffff, // just below the smallest normal f32
    0x3810_0000_0000_0000, // smallest normal f32
    0x3c90_0000_0000_0000, // 2^-54
    0x3ca0_0000_0000_0000, // 2^-53
    0x3cb0_0000_0000_0000, // 2^-52
    0x3fdf_ffff_ffff_ffff, // just below 0.5
    0x3fe0_0000_0000_0000, // 0.5
    0x3fef_ffff_ffff_ffff, // just below 1
    0x3ff0_0000_0000_0000, // 1
    0x3ff0_0000_0000_0001, // just above 1
    0x3ff0_0000_1000_0000, // 1 + 2^-24: a tie as f32
    0x3ff8_0000_0000_0000, // 1.5
    0x4000_0000_0000_0000, // 2
    0x4004_0000_0000_0000, // 2.5
    0x4008_0000_0000_0000, // 3
    0x41df_ffff_ffc0_0000, // 2^31 - 1
    0x41e0_0000_0000_0000, // 2^31
    0x41ef_ffff_ffe0_0000, // 2^32 - 1
    0x41f0_0000_0000_0000, // 2^32
    0x433f_ffff_ffff_ffff, // 2^53 - 1
    0x4340_0000_0000_0000, // 2^53
    0x43df_ffff_ffff_ffff, // largest float below 2^63
    0x43e0_0000_0000_0000, // 2^63
    0x43ef_ffff_ffff_ffff, // largest float below 2^64
    0x43f0_0000_0000_0000, // 2^64
    0x47ef_ffff_e000_0000, // largest f32
    0x47ef_ffff_efff_ffff, // rounds to the largest f32
    0x47ef_ffff_f000_0000, // rounds to infinity as f32
    0x7fef_ffff_ffff_ffff, // largest float
    0x7ff0_0000_0000_0000, // infinity
];

impl Rng {
    /// A source that gives the same numbers for the same seed.
    pub fn new(seed: u64) -> Rng {
        Rng { state: seed }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// A float that is likely to be interesting: an edge, near an edge, of moderate size, or any bits at all.
    /// NaN is [`mvm_isa::sem::NAN`].
    pub fn float(&mut self) -> f64 {
        let bits = match self.below(8) {
            0 | 1 => self.edge(),
            2 => self.edge().wrapping_add(self.below(9)).wrapping_sub(4),
            3 => (self.bits() >> 44) << 44,
            4 | 5 => self.bits() & !(0x7ff << 52) | (1023 - 40 + self.below(80)) << 52,
            _ => self.bits(),
        };
        mvm_isa::sem::canonical(f64::from_bits(bits ^ (self.below(2) << 63)))
    }

    fn edge(&mut self) -> u64 {
        match self.below(FLOATS.len() as u64 + 2) as usize {
            at if at < FLOATS.len() => FLOATS[at],
            _ => mvm_isa::sem::NAN.to_bits(),
        }
    }

    /// An integer that is likely to be interesting: any bits, few bits, near a power of two, or small.
    pub fn int(&mut self) -> i64 {
        let value = match self.below(4) {
            0 => self.bits(),
            1 => self.bits() >> self.below(64),
            2 => (1u64 << self.below(64)).wrapping_add(self.below(5)).wrapping_sub(2),
            _ => self.below(17),
        };
        if self.below(2) == 0 { value as i64 } else { (value as i64).wrapping_neg() }
    }
}
