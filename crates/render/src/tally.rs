//! From the points behind the pixels to colours, instances, and what is seen how much and where.

use std::cell::RefCell;

use rayon::prelude::*;

use crate::Cloud;
use crate::canvas::Rect;
use crate::color::unknown;
use crate::ego::{EgoRender, VisibleInstance};
use crate::splat::{NONE, Scratch};

/// Rows that one core works on at a time.
const BAND: usize = 32;

/// An instance in a part of a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    id: u32,
    pixels: u32,
    /// First column and row, last column and row.
    from: (u32, u32),
    to: (u32, u32),
}

/// What a band shows.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    seen: Vec<Seen>,
    known: usize,
}

thread_local! {
    /// Where in a list an id stands, plus one; all zero between uses.
    static PLACES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Fills the picture and the instances of `out` from the surface in `scratch`, and lists what is visible.
/// Returns the number of pixels that show a surface.
pub(crate) fn resolve(cloud: &Cloud, scratch: &mut Scratch, out: &mut EgoRender) -> usize {
    let (w, index) = (scratch.surface.width, &scratch.surface.index);
    out.image.pixels.resize(index.len(), [0; 3]);
    out.instance.resize(index.len(), 0);
    let bands = scratch.surface.height.div_ceil(BAND);
    let tallies = &mut scratch.tallies;
    tallies.resize_with(bands, Tally::default);
    let pixels = out.image.pixels.par_chunks_mut(w * BAND);
    let rows = pixels.zip(out.instance.par_chunks_mut(w * BAND)).zip(index.par_chunks(w * BAND));
    rows.zip(tallies.par_iter_mut()).enumerate().with_max_len(1).for_each(
        |(band, (((pixels, instance), index), tally))| {
            tally.known = 0;
            let rows = pixels.chunks_mut(w).zip(instance.chunks_mut(w)).zip(index.chunks(w));
            for (y, ((pixels, instance), index)) in rows.enumerate() {
                let cells = pixels.iter_mut().zip(instance).zip(index);
                for (x, ((pixel, instance), i)) in cells.enumerate() {
                    if *i == NONE {
                        *pixel = unknown(x, band * BAND + y);
                        *instance = 0;
                    } else {
                        let paint = cloud.paint[*i as usize];
                        *pixel = paint.color;
                        *instance = paint.instance;
                        tally.known += 1;
                    }
                }
            }
            count(instance, w, band * BAND, &mut tally.seen);
        },
    );
    merge(&scratch.tallies[..bands], &mut out.visible);
    scratch.tallies[..bands].iter().map(|t| t.known).sum()
}

/// Lists what a mask shows.
pub(crate) fn of_mask(instance: &[u32], width: usize, visible: &mut Vec<VisibleInstance>) {
    let mut tally = Tally::default();
    count(instance, width, 0, &mut tally.seen);
    merge(&[tally], visible);
}

/// Counts the pixels of each instance in some rows, the first of which is row `top`.
fn count(instance: &[u32], width: usize, top: usize, seen: &mut Vec<Seen>) {
    seen.clear();
    PLACES.with_borrow_mut(|places| {
        for (y, row) in instance.chunks(width).enumerate() {
            let y = (top + y) as u32;
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let (from, id) = (x, run[0]);
                x += run.len() as u32;
                if id == 0 {
                    continue;
                }
                let part = Seen { id, pixels: run.len() as u32, from: (from, y), to: (x - 1, y) };
                add(part, places, seen);
            }
        }
        clear(places, seen);
    });
}

/// Sums up bands, by ascending ids.
fn merge(tallies: &[Tally], visible: &mut Vec<VisibleInstance>) {
    let mut all: Vec<Seen> = Vec::new();
    PLACES.with_borrow_mut(|places| {
        for part in tallies.iter().flat_map(|t| &t.seen) {
            add(*part, places, &mut all);
        }
        clear(places, &all);
    });
    all.sort_unstable_by_key(|s| s.id);
    visible.clear();
    visible.extend(all.iter().map(|s| VisibleInstance {
        id: s.id,
        pixels: s.pixels,
        bbox: Rect {
            x: s.from.0 as i32,
            y: s.from.1 as i32,
            w: (s.to.0 - s.from.0 + 1) as i32,
            h: (s.to.1 - s.from.1 + 1) as i32,
        },
    }));
}

fn add(part: Seen, places: &mut Vec<u32>, seen: &mut Vec<Seen>) {
    let id = part.id as usize;
    if places.len() <= id {
        places.resize(id + 1, 0);
    }
    match places[id] {
        0 => {
            seen.push(part);
            places[id] = seen.len() as u32;
        }
        place => {
            let s = &mut seen[place as usize - 1];
            s.pixels += part.pixels;
            s.from = (s.from.0.min(part.from.0), s.from.1.min(part.from.1));
            s.to = (s.to.0.max(part.to.0), s.to.1.max(part.to.1));
        }
    }
}

fn clear(places: &mut [u32], seen: &[Seen]) {
    for s in seen {
        places[s.id as usize] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_hand() {
        // 5 × 4 pixels.
        let mask = [0, 7, 7, 0, 2, 0, 7, 0, 0, 0, 2, 0, 0, 0, 0, 7, 0, 0, 0, 0];
        let mut visible = Vec::new();
        for _ in 0..2 {
            of_mask(&mask, 5, &mut visible);
            let got: Vec<_> = visible.iter().map(|v| (v.id, v.pixels, v.bbox)).collect();
            let rect = |x, y, w, h| Rect { x, y, w, h };
            assert_eq!(got, [(2, 2, rect(0, 0, 5, 3)), (7, 4, rect(0, 0, 3, 4))]);
        }
        of_mask(&[], 5, &mut visible);
        assert!(visible.is_empty());
    }

    #[test]
    fn bands_add_up() {
        let mask: Vec<u32> = (0..50 * 40).map(|i| (i * i / 7) % 5).collect();
        let mut whole = Vec::new();
        of_mask(&mask, 50, &mut whole);
        let bands: Vec<Tally> = mask
            .chunks(50 * 7)
            .enumerate()
            .map(|(k, rows)| {
                let mut seen = Vec::new();
                count(rows, 50, 7 * k, &mut seen);
                Tally { seen, known: 0 }
            })
            .collect();
        let mut merged = Vec::new();
        merge(&bands, &mut merged);
        assert_eq!(whole, merged);
    }
}
