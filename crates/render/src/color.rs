//! Colours: of categories, of depths, of the parts of a picture.

use reasmory_scene::Manifest;

/// An sRGB colour.
pub(crate) type Rgb = [u8; 3];

pub(crate) const INK: Rgb = [24, 26, 32];
pub(crate) const PAPER: Rgb = [250, 250, 248];
pub(crate) const GRID: Rgb = [222, 224, 228];
pub(crate) const PHOTO: Rgb = [20, 20, 24];
pub(crate) const EGO: Rgb = [214, 32, 40];
pub(crate) const ROUTE: Rgb = [18, 98, 214];
pub(crate) const POINT: Rgb = [150, 0, 150];
pub(crate) const ROOM: Rgb = [70, 74, 84];

/// Colours that are told apart side by side, none of them grey, in an order that varies hue first.
const PALETTE: [Rgb; 20] = [
    [230, 75, 60],
    [52, 130, 220],
    [70, 170, 80],
    [240, 160, 30],
    [145, 85, 200],
    [30, 175, 175],
    [225, 85, 155],
    [140, 165, 30],
    [150, 95, 55],
    [95, 105, 220],
    [250, 120, 90],
    [20, 125, 95],
    [205, 190, 40],
    [120, 190, 240],
    [180, 40, 90],
    [100, 210, 130],
    [215, 140, 215],
    [130, 60, 20],
    [20, 80, 150],
    [240, 175, 130],
];

/// Colours of a manifest's categories.
///
/// A category keeps its slot in every memory (a hash of its name) unless an earlier name of the same
/// memory holds it; then it takes the next free one, so up to twenty categories are all distinct.
pub(crate) struct CategoryColors<'a> {
    names: Vec<(&'a str, Rgb)>,
}

impl<'a> CategoryColors<'a> {
    pub(crate) fn of(manifest: &'a Manifest) -> CategoryColors<'a> {
        let mut taken = [false; PALETTE.len()];
        let names = manifest
            .categories
            .iter()
            .map(|c| {
                let home = fnv(&c.name);
                let n = PALETTE.len();
                let free = (0..n).map(|k| (home as usize + k) % n).find(|s| !taken[*s]);
                let color = match free {
                    Some(slot) => {
                        taken[slot] = true;
                        PALETTE[slot]
                    }
                    None => hashed(home),
                };
                (c.name.as_str(), color)
            })
            .collect();
        CategoryColors { names }
    }

    /// Colour of a category.
    pub(crate) fn get(&self, name: &str) -> Rgb {
        match self.names.binary_search_by(|n| n.0.cmp(name)) {
            Ok(i) => self.names[i].1,
            Err(_) => hashed(fnv(name)),
        }
    }
}

fn fnv(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// A palette colour, varied: for more categories than the palette holds.
fn hashed(h: u32) -> Rgb {
    let base = PALETTE[h as usize % PALETTE.len()];
    let other = PALETTE[(h >> 8) as usize % PALETTE.len()];
    mix(base, other, 0.2 + f64::from(h >> 16 & 0xff) / 255.0 * 0.3)
}

/// `a` with `t` of `b`.
pub(crate) fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    std::array::from_fn(|i| {
        (f64::from(a[i]) + (f64::from(b[i]) - f64::from(a[i])) * t).round() as u8
    })
}

/// Unknown space: dark grey-blue with diagonal hatching, like nothing that a camera sees.
pub(crate) fn unknown(x: usize, y: usize) -> Rgb {
    if (x + y) % 12 < 2 { [52, 58, 76] } else { [34, 38, 50] }
}

/// Colour of a depth: 0 near (warm, bright) to 1 far (cold, dark). Anchors after Turbo (Mikhailov 2019).
pub(crate) fn depth_color(t: f64) -> Rgb {
    const ANCHORS: [Rgb; 9] = [
        [122, 4, 3],
        [208, 47, 5],
        [251, 128, 34],
        [238, 207, 58],
        [164, 252, 60],
        [50, 242, 152],
        [40, 187, 236],
        [70, 107, 227],
        [48, 18, 59],
    ];
    let s = t.clamp(0.0, 1.0) * (ANCHORS.len() - 1) as f64;
    let i = (s as usize).min(ANCHORS.len() - 2);
    mix(ANCHORS[i], ANCHORS[i + 1], s - i as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cube, memory_of};

    #[test]
    fn categories_differ() {
        let names: Vec<String> = (0..20).map(|i| format!("thing {i}")).collect();
        let boxes = names.iter().map(|n| (n.as_str(), cube(0.0, 0.0, 0.0, 1.0))).collect();
        let memory = memory_of(vec![], boxes);
        let colors = CategoryColors::of(memory.manifest());
        let mut all: Vec<Rgb> = names.iter().map(|n| colors.get(n)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 20);
        assert_eq!(colors.get("nothing"), colors.get("nothing"));
    }
}
