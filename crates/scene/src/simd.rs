//! One source, compiled for two instruction sets, of which the processor's is chosen at run time.
//!
//! Rust never contracts or reorders floating-point operations, so both give the same bits.

/// A computation to be compiled for both. `run` and all that it calls on the hot path should be
/// `#[inline(always)]`, or they stay in the baseline's code.
pub(crate) trait Kernel {
    /// What comes out.
    type Output;
    /// Does it.
    fn run(self) -> Self::Output;
}

/// Runs a kernel with the widest registers of this processor.
#[inline]
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has just said that it has what `wide` enables.
        return unsafe { wide(kernel) };
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn wide<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
