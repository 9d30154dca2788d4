//! What the tests share: real data where present, a generator, fixtures.
#![allow(dead_code)]

pub mod room;

use std::path::{Path, PathBuf};

/// The folder of real data named `name`; says why on standard error where it is absent.
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("REASMORY_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    // Written past the test harness, which keeps the output of passing tests to itself.
    let line =
        format!("SKIPPED: {} is absent; set REASMORY_DATA to run this test\n", path.display());
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    None
}

/// SplitMix64 with a fixed seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Replays `body` over each seed and bounded random mutations of it.
pub fn replay(seeds: &[Vec<u8>], rounds: usize, body: fn(&[u8])) {
    let mut random = Random(7);
    for seed in seeds {
        body(seed);
        for cut in 0..seed.len().min(256) {
            body(&seed[..cut]);
        }
        for _ in 0..rounds {
            let mut bytes = seed.clone();
            for _ in 0..=random.below(4) {
                if bytes.is_empty() {
                    break;
                }
                let at = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes[at] = random.next() as u8,
                    1 => bytes[at] ^= 1 << random.below(8),
                    2 => bytes.truncate(at),
                    _ => {
                        let run = random.below(9).min(bytes.len() - at);
                        bytes[at..at + run].fill(if random.below(2) == 0 { 0xff } else { 0 });
                    }
                }
            }
            body(&bytes);
        }
    }
}
