//! What masks of different views have in common.

use rayon::prelude::*;
use reasmory_geom::Point3;

use crate::prepare::Prepared;
use crate::refine::{Look, look};

/// Samples of a piece that are looked for in the other views.
const SAMPLES: usize = 256;
/// Enough samples away from the mask's rim, where detectors and poses err, to do without the rim.
const CORE: usize = 24;

/// What becomes of a piece's samples in another view.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// On pixels that each piece of that view owns, by piece, ascending.
    pub(crate) on: Vec<(u32, u32)>,
    /// On pixels that a piece owns, stuff included.
    pub(crate) owned: u32,
    /// On pixels that nobody owns.
    pub(crate) blank: u32,
    /// On nothing: the view sees through them.
    pub(crate) through: u32,
}

impl Seen {
    /// Samples on a piece.
    pub(crate) fn on(&self, piece: u32) -> u32 {
        self.on.binary_search_by_key(&piece, |o| o.0).map_or(0, |i| self.on[i].1)
    }

    /// Samples that show up in the view.
    pub(crate) fn visible(&self) -> u32 {
        self.owned + self.blank
    }
}

/// What every piece has in common with every view.
pub(crate) struct Evidence {
    /// By piece, then view.
    pub(crate) seen: Vec<Vec<Seen>>,
    /// Samples of each piece: pixels and world points.
    pub(crate) samples: Vec<Vec<(usize, Point3)>>,
    /// Relative tolerance of depth.
    pub(crate) tolerance: f64,
}

fn samples(prepared: &Prepared, piece: usize) -> Vec<(usize, Point3)> {
    let p = &prepared.pieces[piece];
    let v = &prepared.views[p.view];
    let own = piece as u32 + 1;
    let valid: Vec<usize> =
        p.pixels.iter().map(|x| *x as usize).filter(|x| v.z[*x] > 0.0).collect();
    let inner = |x: &usize| {
        let (i, j) = (x % v.width, x / v.width);
        i > 0
            && j > 0
            && i + 1 < v.width
            && j + 1 < v.height
            && [x - 1, x + 1, x - v.width, x + v.width].iter().all(|q| v.owner[*q] == own)
    };
    let core: Vec<usize> = valid.iter().copied().filter(inner).collect();
    let from = if core.len() >= CORE { core } else { valid };
    let n = from.len().min(SAMPLES);
    (0..n)
        .map(|k| from[(2 * k + 1) * from.len() / (2 * n)])
        .map(|pixel| (pixel, v.point(pixel)))
        .collect()
}

pub(crate) fn gather(prepared: &Prepared, tolerance: f64) -> Evidence {
    let all: Vec<_> =
        (0..prepared.pieces.len()).into_par_iter().map(|m| samples(prepared, m)).collect();
    let seen =
        all.par_iter()
            .enumerate()
            .map(|(m, points)| {
                let own = prepared.pieces[m].view;
                (0..prepared.views.len())
                    .map(|j| {
                        if j == own {
                            Seen::default()
                        } else {
                            find(prepared, points, j, tolerance)
                        }
                    })
                    .collect()
            })
            .collect();
    Evidence { seen, samples: all, tolerance }
}

fn find(prepared: &Prepared, points: &[(usize, Point3)], view: usize, tolerance: f64) -> Seen {
    let v = &prepared.views[view];
    let mut out = Seen::default();
    let mut hits: Vec<u32> = Vec::new();
    for (_, p) in points {
        match look(v, *p, tolerance) {
            Look::At(pixel) => match v.owner[pixel].checked_sub(1) {
                Some(piece) => {
                    out.owned += 1;
                    if !prepared.pieces[piece as usize].stuff {
                        hits.push(piece);
                    }
                }
                None => out.blank += 1,
            },
            Look::Through => out.through += 1,
            Look::Hidden | Look::Nothing => {}
        }
    }
    hits.sort_unstable();
    for h in hits {
        match out.on.last_mut() {
            Some(l) if l.0 == h => l.1 += 1,
            _ => out.on.push((h, 1)),
        }
    }
    out
}
