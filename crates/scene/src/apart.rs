//! Work on threads of its own, for what is made once and kept behind a lock.

/// Runs `f` on a fresh thread, with a fresh pool for what it does in parallel, and waits.
///
/// What a [`OnceLock`](std::sync::OnceLock) makes must not use the common pool: its workers may all be waiting for
/// that very lock, and a worker that makes it may take up another's work meanwhile that asks for it again. The
/// thread that waits here takes up no work.
pub fn apart<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    let on_its_own = || match rayon::ThreadPoolBuilder::new().build() {
        Ok(pool) => pool.install(f),
        // Without threads to be had, in this one.
        Err(_) => f(),
    };
    std::thread::scope(|threads| match threads.spawn(on_its_own).join() {
        Ok(made) => made,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;
    use std::sync::OnceLock;

    /// Every worker of a pool asks for what is made in parallel; in the common pool this hangs.
    #[test]
    fn what_is_made_once_in_parallel_is_made() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        for _ in 0..50 {
            let cell: OnceLock<usize> = OnceLock::new();
            let make = || apart(|| (0..1000usize).into_par_iter().with_max_len(10).sum());
            let sum: usize = pool.install(|| {
                (0..64usize).into_par_iter().with_max_len(1).map(|_| *cell.get_or_init(make)).sum()
            });
            assert_eq!(sum, 64 * 499_500);
        }
    }
}
