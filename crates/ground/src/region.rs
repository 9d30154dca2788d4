//! Sets of pixels of a picture, as runs.

use std::fmt;

/// Pixels of a picture of a stated size: runs `(first, length)` of row-major pixel numbers, ascending,
/// apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region {
    width: u32,
    height: u32,
    runs: Vec<(u32, u32)>,
}

/// Why pixels are no region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionError(pub String);

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RegionError {}

/// Most pixels of a picture.
pub(crate) const MAX_PIXELS: u64 = 1 << 27;

fn checked_size(width: u32, height: u32) -> Result<u64, RegionError> {
    let n = u64::from(width) * u64::from(height);
    if n == 0 || n > MAX_PIXELS {
        return Err(RegionError(format!("{width}×{height} is no size of a picture")));
    }
    Ok(n)
}

impl Region {
    /// From runs of row-major pixel numbers, in any order, which may touch and overlap.
    pub fn from_runs(
        width: u32,
        height: u32,
        mut runs: Vec<(u32, u32)>,
    ) -> Result<Region, RegionError> {
        let n = checked_size(width, height)?;
        runs.retain(|r| r.1 > 0);
        runs.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(runs.len());
        for (start, len) in runs {
            if u64::from(start) + u64::from(len) > n {
                return Err(RegionError(format!(
                    "a run of {len} pixels from {start} leaves the {width}×{height} picture"
                )));
            }
            match out.last_mut() {
                Some(l) if l.0 + l.1 >= start => l.1 = l.1.max(start + len - l.0),
                _ => out.push((start, len)),
            }
        }
        Ok(Region { width, height, runs: out })
    }

    /// The pixels for which `inside(pixel)` holds, row-major.
    pub fn from_pixels(
        width: u32,
        height: u32,
        inside: impl Fn(usize) -> bool,
    ) -> Result<Region, RegionError> {
        let n = checked_size(width, height)? as usize;
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for i in (0..n).filter(|i| inside(*i)) {
            match runs.last_mut() {
                Some(r) if (r.0 + r.1) as usize == i => r.1 += 1,
                _ => runs.push((i as u32, 1)),
            }
        }
        Ok(Region { width, height, runs })
    }

    /// The pixels whose centres lie in a box `[x0, y0, x1, y1]` in pixels; what leaves the picture is cut.
    pub fn from_box(width: u32, height: u32, b: [f64; 4]) -> Result<Region, RegionError> {
        checked_size(width, height)?;
        if !b.iter().all(|x| x.is_finite()) || b[0] > b[2] || b[1] > b[3] {
            return Err(RegionError(format!("{b:?} is no box x0, y0, x1, y1")));
        }
        let (x0, x1) = (first_centre(b[0], width), first_centre(b[2], width));
        let (y0, y1) = (first_centre(b[1], height), first_centre(b[3], height));
        let runs = (y0..y1).map(|y| (y * width + x0, x1 - x0)).collect();
        Region::from_runs(width, height, runs)
    }

    /// The pixels whose centres lie inside polygons by the even-odd rule, corners in pixels.
    pub fn from_polygons(
        width: u32,
        height: u32,
        polygons: &[Vec<[f64; 2]>],
    ) -> Result<Region, RegionError> {
        checked_size(width, height)?;
        if polygons.iter().flatten().flatten().any(|x| !x.is_finite()) {
            return Err(RegionError("a polygon has a corner that is not finite".into()));
        }
        let mut runs = Vec::new();
        let mut crossings = Vec::new();
        // Each polygon is filled by itself: those of one object are a union.
        for p in polygons.iter().filter(|p| p.len() >= 3) {
            let (lo, hi) = p.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), c| {
                (lo.min(c[1]), hi.max(c[1]))
            });
            for y in first_centre(lo, height)..first_centre(hi, height) {
                let v = f64::from(y) + 0.5;
                crossings.clear();
                for (i, a) in p.iter().enumerate() {
                    let b = p[(i + 1) % p.len()];
                    if (a[1] > v) != (b[1] > v) {
                        crossings.push(a[0] + (v - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
                    }
                }
                crossings.sort_unstable_by(f64::total_cmp);
                for c in crossings.chunks_exact(2) {
                    let (x0, x1) = (first_centre(c[0], width), first_centre(c[1], width));
                    runs.push((y * width + x0, x1 - x0));
                }
            }
        }
        Region::from_runs(width, height, runs)
    }

    /// From COCO's run lengths: pixels in column order, beginning with a run outside.
    pub fn from_column_runs(
        width: u32,
        height: u32,
        counts: &[u32],
    ) -> Result<Region, RegionError> {
        let n = checked_size(width, height)?;
        let total: u64 = counts.iter().map(|c| u64::from(*c)).sum();
        if total != n {
            return Err(RegionError(format!(
                "run lengths cover {total} pixels, the {width}×{height} picture has {n}"
            )));
        }
        let mut inside = vec![false; n as usize];
        let (mut at, mut on) = (0usize, false);
        for c in counts {
            if on {
                for k in at..at + *c as usize {
                    inside[(k % height as usize) * width as usize + k / height as usize] = true;
                }
            }
            (at, on) = (at + *c as usize, !on);
        }
        Region::from_pixels(width, height, |i| inside[i])
    }

    /// Width of the picture.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the picture.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Runs `(first, length)`.
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    /// Number of pixels.
    pub fn area(&self) -> u64 {
        self.runs.iter().map(|r| u64::from(r.1)).sum()
    }

    /// Pixel numbers, ascending.
    pub fn pixels(&self) -> impl Iterator<Item = usize> + '_ {
        self.runs.iter().flat_map(|r| r.0 as usize..(r.0 + r.1) as usize)
    }

    /// The same region of the picture at another size: each new pixel is what the old one under its
    /// centre was.
    pub fn resized(&self, width: u32, height: u32) -> Result<Region, RegionError> {
        if (width, height) == (self.width, self.height) {
            return Ok(self.clone());
        }
        checked_size(width, height)?;
        let mut old = vec![false; self.width as usize * self.height as usize];
        for i in self.pixels() {
            old[i] = true;
        }
        let source =
            |k: u64, new: u32, old: u32| (2 * k + 1) * u64::from(old) / (2 * u64::from(new));
        Region::from_pixels(width, height, |i| {
            let (x, y) = (i as u64 % u64::from(width), i as u64 / u64::from(width));
            let (x, y) = (source(x, width, self.width), source(y, height, self.height));
            old[y as usize * self.width as usize + x as usize]
        })
    }

    /// Number of pixels in both.
    pub fn common(&self, o: &Region) -> u64 {
        let (mut i, mut j, mut n) = (0, 0, 0u64);
        while let (Some(a), Some(b)) = (self.runs.get(i), o.runs.get(j)) {
            let (end_a, end_b) = (a.0 + a.1, b.0 + b.1);
            n += u64::from(end_a.min(end_b).saturating_sub(a.0.max(b.0)));
            if end_a <= end_b { i += 1 } else { j += 1 }
        }
        n
    }
}

/// The first pixel whose centre is at or beyond `x`, within 0..=`size`.
fn first_centre(x: f64, size: u32) -> u32 {
    (x - 0.5).ceil().clamp(0.0, f64::from(size)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_by_hand() {
        let b = Region::from_box(6, 4, [1.0, 1.0, 3.0, 3.0]).unwrap();
        assert_eq!(b.runs(), [(7, 2), (13, 2)]);
        let square = vec![vec![[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]]];
        assert_eq!(Region::from_polygons(6, 4, &square).unwrap(), b);
        // Column order: column 0 has 4 pixels, then one outside, two inside in column 1 and 2.
        let r = Region::from_column_runs(6, 4, &[5, 2, 2, 2, 13]).unwrap();
        assert_eq!(r, b);
        assert_eq!(b.resized(12, 8).unwrap().area(), 16);
        assert_eq!(b.resized(12, 8).unwrap().resized(6, 4).unwrap(), b);
        assert_eq!(b.common(&Region::from_box(6, 4, [2.0, 0.0, 9.0, 2.0]).unwrap()), 1);
    }

    #[test]
    fn lies_are_refused() {
        assert!(Region::from_runs(4, 4, vec![(15, 2)]).is_err());
        assert!(Region::from_runs(0, 4, vec![]).is_err());
        assert!(Region::from_runs(u32::MAX, u32::MAX, vec![]).is_err());
        assert!(Region::from_column_runs(4, 4, &[3, 4]).is_err());
        assert!(Region::from_box(4, 4, [f64::NAN, 0.0, 1.0, 1.0]).is_err());
        assert!(Region::from_polygons(4, 4, &[vec![[0.0, f64::INFINITY]; 3]]).is_err());
        // Touching and overlapping runs become one.
        let r = Region::from_runs(4, 4, vec![(4, 3), (0, 4), (5, 4)]).unwrap();
        assert_eq!(r.runs(), [(0, 9)]);
    }

    proptest::proptest! {
        #[test]
        fn common_counts_pixels(
            a in proptest::collection::vec((0u32..60, 0u32..9), 0..8),
            b in proptest::collection::vec((0u32..60, 0u32..9), 0..8),
        ) {
            let (a, b) = (Region::from_runs(10, 7, a).unwrap(), Region::from_runs(10, 7, b).unwrap());
            let held: Vec<usize> = b.pixels().collect();
            let both = a.pixels().filter(|p| held.binary_search(p).is_ok()).count();
            proptest::prop_assert_eq!(a.common(&b), both as u64);
        }
    }
}
