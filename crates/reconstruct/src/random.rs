//! Seeded random numbers: the same on every machine, for any number of threads.

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    /// A stream of its own for each list of keys.
    pub(crate) fn new(keys: &[u64]) -> Random {
        let mut r = Random(0x9e37_79b9_7f4a_7c15);
        for k in keys {
            r.0 ^= *k;
            r.0 = r.bits();
        }
        r
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// Uniform in [-1, 1).
    pub(crate) fn signed(&mut self) -> f32 {
        2.0 * self.unit() - 1.0
    }
}
