//! One source, compiled for several instruction sets, of which the best is chosen at run time.
//!
//! A [`Kernel`] is ordinary safe code whose body is inlined into one function per instruction set, where
//! its loops vectorise as wide as that set allows. Rust never contracts or reorders floating-point
//! operations, so every set gives the same bits; `sets_agree` and the tests of whole pictures hold it.

/// A computation to be compiled for every instruction set. `run` and all that it calls on the hot path
/// should be `#[inline(always)]`, or they stay in the baseline's code.
pub(crate) trait Kernel {
    /// What comes out.
    type Output;
    /// Does it.
    fn run(self) -> Self::Output;
}

/// An instruction set that this processor has.
///
/// Invariant: outside this module a value comes from [`Isa::available`] or [`Isa::best`] alone, which ask
/// the processor first. [`Isa::run`] relies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// What the target guarantees.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The widest set of this processor.
    pub(crate) fn best() -> Isa {
        #[cfg(target_arch = "x86_64")]
        {
            if avx512_is_there() {
                return Isa(Set::Avx512);
            }
            if avx2_is_there() {
                return Isa(Set::Avx2);
            }
        }
        Isa(Set::Baseline)
    }

    /// Every set of this processor, the narrowest first.
    #[cfg(test)]
    pub(crate) fn available() -> Vec<Isa> {
        let mut out = vec![Isa(Set::Baseline)];
        #[cfg(target_arch = "x86_64")]
        {
            if avx2_is_there() {
                out.push(Isa(Set::Avx2));
            }
            if avx512_is_there() {
                out.push(Isa(Set::Avx512));
            }
        }
        out
    }

    /// Runs a kernel with this set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Baseline => kernel.run(),
            // SAFETY: by the type's invariant the processor was asked for all the features that `avx2`
            // enables, and a processor does not lose features.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2(kernel) },
            // SAFETY: as above, for the features that `avx512` enables.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512(kernel) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2_is_there() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
}

#[cfg(target_arch = "x86_64")]
fn avx512_is_there() -> bool {
    avx2_is_there()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

/// Largest whole number not above `x`, for |x| < 2²²: by rounding and one correction, for the
/// instruction that does it is not in the x86-64 baseline.
#[inline(always)]
pub(crate) fn floor(x: f32) -> i32 {
    // Adding 1.5 · 2²³ leaves the rounded number in the low bits of the sum.
    const MAGIC: f32 = 12_582_912.0;
    let sum = x + MAGIC;
    sum.to_bits() as i32 - MAGIC.to_bits() as i32 - i32::from(sum - MAGIC > x)
}

/// The larger, the second where either is no number: one instruction, unlike `f32::max`.
#[inline(always)]
pub(crate) fn max(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The smaller, the second where either is no number.
#[inline(always)]
pub(crate) fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Bit `i` is set where `flags[i]` is 1; every flag is 0 or 1.
#[inline(always)]
pub(crate) fn bits(flags: &[u8; 8]) -> u8 {
    // The product moves byte i's lowest bit to bit 56 + i, and carries none.
    (u64::from_le_bytes(*flags).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors() {
        for k in -40_000..40_000 {
            let x = k as f32 * 0.037;
            assert_eq!(floor(x), x.floor() as i32, "{x}");
        }
        for x in [-1000.0, -0.5, -0.0, 0.0, 0.49999997, 0.5, 1.5, 2.5, 8192.0, 4_000_000.5] {
            assert_eq!(floor(x), x.floor() as i32, "{x}");
        }
    }

    #[test]
    fn packs_flags() {
        for all in 0..=255u8 {
            assert_eq!(bits(&std::array::from_fn(|i| all >> i & 1)), all);
        }
    }

    #[test]
    fn no_number_gives_the_second() {
        assert_eq!((max(f32::NAN, 1.0), min(f32::NAN, 1.0)), (1.0, 1.0));
        assert_eq!((max(2.0, 1.0), min(2.0, 1.0)), (2.0, 1.0));
    }

    /// Rounding, comparing, dividing and selecting, as the kernels do.
    struct Mixed<'a>(&'a [f32], &'a mut Vec<u32>);

    impl Kernel for Mixed<'_> {
        type Output = ();
        #[inline(always)]
        fn run(self) {
            for (i, x) in self.0.iter().enumerate() {
                let y = 1.0 / (x * x + 0.1 * i as f32 - 3.0) + x * 7.0 - 2.0;
                let z = max(min(y * x + y, 1e6), -1e6);
                self.1.push(z.to_bits() ^ floor(z) as u32);
            }
        }
    }

    #[test]
    fn sets_agree() {
        let numbers: Vec<f32> = (0..1000).map(|i| (i * i % 977) as f32 * 0.013 - 5.0).collect();
        let results: Vec<Vec<u32>> = Isa::available()
            .into_iter()
            .map(|isa| {
                let mut out = Vec::new();
                isa.run(Mixed(&numbers, &mut out));
                out
            })
            .collect();
        assert!(results.iter().all(|r| *r == results[0]));
        assert_eq!(Isa::available().last(), Some(&Isa::best()));
    }
}
