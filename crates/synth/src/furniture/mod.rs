//! The library of furniture: one table of kinds, each with sizes, a placement rule and a builder.

mod build;
mod more;

use reasmory_geom::Vec3;

use crate::rng::Rng;
use crate::solid::Part;
pub use build::{Model, Surface};

/// Where a piece may stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Its back against a wall.
    Wall,
    /// In a corner of the room.
    Corner,
    /// Away from the walls.
    Free,
    /// On the upper surface of another piece.
    On,
    /// Fixed to a wall, its bottom at this height.
    Mounted(f64),
    /// Lying on the floor, thin enough to stand things on.
    Flat,
}

/// A kind of furniture.
pub struct Kind {
    /// Category, lower case.
    pub name: &'static str,
    /// Least and greatest width (side to side), depth (back to front) and height, metres.
    pub size: [(f64, f64); 3],
    /// Where it may stand.
    pub rule: Rule,
    /// Whether it has a front: its local +y.
    pub front: bool,
    /// Floor kept free before its front, metres.
    pub clear: f64,
    /// Builds the parts for chosen sizes.
    pub(crate) build: fn(&mut Rng, Vec3) -> Model,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kind").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        CATALOGUE.iter().find(|k| k.name == name)
    }

    /// A model of random size and look. Its parts are centred over the origin and stand on z = 0.
    pub fn make(&self, rng: &mut Rng) -> Model {
        let size = Vec3::from_fn(|i, _| rng.range(self.size[i].0, self.size[i].1));
        (self.build)(rng, size).settled()
    }
}

type Range = (f64, f64);
type Build = fn(&mut Rng, Vec3) -> Model;

const fn kind(
    name: &'static str,
    size: [Range; 3],
    rule: Rule,
    front: bool,
    clear: f64,
    build: Build,
) -> Kind {
    Kind { name, size, rule, front, clear, build }
}

/// Kinds of the catalogue that [`crate::synthetic_scene`] is made of: what is measured stays comparable.
pub(crate) const MEASURED: usize = 34;

/// Every kind that rooms are furnished with.
#[rustfmt::skip]
pub static CATALOGUE: &[Kind] = &[
    kind("table",        [(1.3, 1.9), (0.8, 1.0), (0.72, 0.77)], Rule::Free, false, 0.0, build::table),
    kind("coffee table", [(0.8, 1.1), (0.5, 0.65), (0.38, 0.46)], Rule::Free, false, 0.0, build::coffee_table),
    kind("chair",        [(0.42, 0.5), (0.45, 0.54), (0.82, 0.98)], Rule::Free, true, 0.0, build::chair),
    kind("office chair", [(0.56, 0.64), (0.56, 0.64), (0.92, 1.1)], Rule::Free, true, 0.0, build::office_chair),
    kind("armchair",     [(0.75, 0.9), (0.75, 0.9), (0.75, 0.9)], Rule::Free, true, 0.4, build::sofa),
    kind("stool",        [(0.34, 0.4), (0.34, 0.4), (0.44, 0.62)], Rule::Free, false, 0.0, build::stool),
    kind("sofa",         [(1.7, 2.3), (0.85, 1.0), (0.76, 0.9)], Rule::Wall, true, 0.4, build::sofa),
    kind("bed",          [(1.4, 1.8), (1.95, 2.1), (0.85, 1.1)], Rule::Wall, true, 0.3, build::bed),
    kind("nightstand",   [(0.42, 0.52), (0.38, 0.45), (0.48, 0.6)], Rule::Wall, true, 0.2, build::drawers),
    kind("dresser",      [(0.9, 1.3), (0.42, 0.5), (0.78, 0.95)], Rule::Wall, true, 0.5, build::drawers),
    kind("wardrobe",     [(1.0, 1.6), (0.55, 0.62), (1.9, 2.2)], Rule::Wall, true, 0.5, build::wardrobe),
    kind("bookshelf",    [(0.8, 1.1), (0.28, 0.34), (1.7, 2.05)], Rule::Wall, true, 0.4, build::bookshelf),
    kind("desk",         [(1.1, 1.5), (0.6, 0.72), (0.72, 0.76)], Rule::Wall, true, 0.8, build::desk),
    kind("cabinet",      [(0.8, 1.4), (0.55, 0.6), (0.88, 0.92)], Rule::Wall, true, 0.5, build::cabinet),
    kind("tv stand",     [(1.3, 1.7), (0.4, 0.48), (0.45, 0.55)], Rule::Wall, true, 0.4, build::tv_stand),
    kind("refrigerator", [(0.65, 0.8), (0.65, 0.72), (1.65, 1.9)], Rule::Wall, true, 0.6, build::refrigerator),
    kind("stove",        [(0.58, 0.62), (0.58, 0.62), (0.88, 0.92)], Rule::Wall, true, 0.5, build::stove),
    kind("sink",         [(0.8, 1.0), (0.55, 0.6), (0.88, 0.9)], Rule::Wall, true, 0.5, build::sink),
    kind("lamp",         [(0.36, 0.46), (0.36, 0.46), (1.45, 1.7)], Rule::Corner, false, 0.0, build::lamp),
    kind("table lamp",   [(0.22, 0.28), (0.22, 0.28), (0.4, 0.52)], Rule::On, false, 0.0, build::lamp),
    kind("plant",        [(0.4, 0.6), (0.4, 0.6), (0.9, 1.4)], Rule::Corner, false, 0.0, build::plant),
    kind("trash bin",    [(0.26, 0.34), (0.26, 0.34), (0.35, 0.55)], Rule::Wall, false, 0.0, build::trash_bin),
    kind("box",          [(0.3, 0.5), (0.3, 0.45), (0.25, 0.4)], Rule::Free, false, 0.0, build::carton),
    kind("rug",          [(1.8, 2.5), (1.3, 1.7), (0.012, 0.018)], Rule::Flat, false, 0.0, build::rug),
    kind("tv",           [(0.95, 1.25), (0.2, 0.24), (0.62, 0.74)], Rule::On, true, 0.0, build::screen),
    kind("monitor",      [(0.5, 0.62), (0.18, 0.22), (0.42, 0.5)], Rule::On, true, 0.0, build::screen),
    kind("microwave",    [(0.45, 0.52), (0.34, 0.4), (0.27, 0.31)], Rule::On, true, 0.0, build::microwave),
    kind("vase",         [(0.12, 0.16), (0.12, 0.16), (0.24, 0.34)], Rule::On, false, 0.0, build::vase),
    kind("book",         [(0.15, 0.2), (0.21, 0.26), (0.03, 0.06)], Rule::On, false, 0.0, build::book),
    kind("pillow",       [(0.4, 0.5), (0.28, 0.34), (0.13, 0.16)], Rule::On, false, 0.0, build::pillow),
    kind("picture",      [(0.6, 1.0), (0.035, 0.04), (0.45, 0.7)], Rule::Mounted(1.35), true, 0.0, build::picture),
    kind("whiteboard",   [(1.2, 1.6), (0.04, 0.05), (0.8, 1.0)], Rule::Mounted(0.95), true, 0.0, build::whiteboard),
    kind("door",         [(0.9, 1.0), (0.07, 0.08), (2.05, 2.1)], Rule::Mounted(0.0), true, 0.9, build::door),
    kind("window",       [(1.2, 1.8), (0.08, 0.1), (1.1, 1.3)], Rule::Mounted(0.95), true, 0.0, build::window),
    // Those below furnish flats, and rooms that ask for the whole catalogue.
    kind("bathtub",      [(1.5, 1.7), (0.7, 0.8), (0.56, 0.6)], Rule::Wall, false, 0.0, more::bathtub),
    kind("toilet",       [(0.36, 0.4), (0.62, 0.7), (0.76, 0.84)], Rule::Wall, true, 0.5, more::toilet),
    kind("washbasin",    [(0.5, 0.65), (0.42, 0.5), (0.94, 1.0)], Rule::Wall, true, 0.5, more::washbasin),
    kind("washing machine", [(0.58, 0.62), (0.58, 0.62), (0.84, 0.86)], Rule::Wall, true, 0.5, more::washing_machine),
    kind("dishwasher",   [(0.58, 0.62), (0.58, 0.62), (0.84, 0.88)], Rule::Wall, true, 0.5, more::dishwasher),
    kind("oven",         [(0.58, 0.62), (0.56, 0.6), (1.4, 1.6)], Rule::Wall, true, 0.5, more::oven),
    kind("mirror",       [(0.5, 0.7), (0.025, 0.03), (0.7, 0.9)], Rule::Mounted(1.1), true, 0.0, more::mirror),
    kind("towel",        [(0.45, 0.6), (0.09, 0.11), (0.6, 0.75)], Rule::Mounted(0.7), true, 0.0, more::towel),
    kind("basket",       [(0.42, 0.52), (0.34, 0.42), (0.4, 0.5)], Rule::Wall, false, 0.0, more::basket),
    kind("ball",         [(0.2, 0.24), (0.2, 0.24), (0.2, 0.24)], Rule::On, false, 0.0, more::ball),
    kind("ottoman",      [(0.5, 0.6), (0.45, 0.55), (0.38, 0.45)], Rule::Free, false, 0.0, more::ottoman),
    kind("bench",        [(1.0, 1.3), (0.34, 0.4), (0.44, 0.48)], Rule::Wall, false, 0.0, more::bench),
    kind("side table",   [(0.42, 0.5), (0.42, 0.5), (0.5, 0.6)], Rule::Free, false, 0.0, more::side_table),
    kind("piano",        [(1.4, 1.5), (0.6, 0.65), (1.15, 1.25)], Rule::Wall, true, 0.6, more::piano),
    kind("fireplace",    [(1.2, 1.4), (0.4, 0.46), (1.05, 1.2)], Rule::Wall, true, 0.6, more::fireplace),
    kind("radiator",     [(0.8, 1.3), (0.09, 0.11), (0.55, 0.6)], Rule::Mounted(0.12), true, 0.0, more::radiator),
    kind("clock",        [(0.3, 0.36), (0.04, 0.05), (0.3, 0.36)], Rule::Mounted(1.75), true, 0.0, more::clock),
    kind("shelf",        [(0.7, 1.0), (0.22, 0.28), (0.16, 0.2)], Rule::Mounted(1.3), true, 0.0, more::shelf),
    kind("speaker",      [(0.26, 0.32), (0.3, 0.36), (0.9, 1.1)], Rule::Wall, true, 0.2, more::speaker),
    kind("fan",          [(0.4, 0.46), (0.32, 0.38), (1.15, 1.35)], Rule::Corner, false, 0.0, more::fan),
    kind("crib",         [(1.2, 1.3), (0.65, 0.72), (0.85, 0.95)], Rule::Wall, false, 0.0, more::crib),
    kind("laptop",       [(0.32, 0.37), (0.23, 0.26), (0.2, 0.24)], Rule::On, true, 0.0, more::laptop),
    kind("keyboard",     [(0.4, 0.45), (0.13, 0.16), (0.02, 0.03)], Rule::On, false, 0.0, more::keyboard),
    kind("printer",      [(0.42, 0.48), (0.4, 0.46), (0.24, 0.3)], Rule::On, true, 0.0, more::printer),
    kind("kettle",       [(0.22, 0.26), (0.15, 0.17), (0.22, 0.26)], Rule::On, false, 0.0, more::kettle),
    kind("cup",          [(0.11, 0.13), (0.08, 0.09), (0.09, 0.11)], Rule::On, false, 0.0, more::cup),
    kind("bowl",         [(0.2, 0.28), (0.2, 0.28), (0.08, 0.11)], Rule::On, false, 0.0, more::bowl),
    kind("bottle",       [(0.07, 0.09), (0.07, 0.09), (0.26, 0.32)], Rule::On, false, 0.0, more::bottle),
    kind("suitcase",     [(0.42, 0.5), (0.24, 0.3), (0.62, 0.75)], Rule::Wall, false, 0.0, more::suitcase),
    kind("coat rack",    [(0.4, 0.46), (0.4, 0.46), (1.65, 1.8)], Rule::Corner, false, 0.0, more::coat_rack),
    kind("shoe rack",    [(0.7, 0.9), (0.3, 0.34), (0.48, 0.56)], Rule::Wall, false, 0.0, more::shoe_rack),
];

/// The parts' bounds: lowest and highest corner.
pub(crate) fn bounds(parts: &[Part]) -> (Vec3, Vec3) {
    parts.iter().fold(
        (Vec3::repeat(f64::INFINITY), Vec3::repeat(f64::NEG_INFINITY)),
        |(lo, hi), p| {
            let (a, b) = p.bounds();
            (lo.inf(&a), hi.sup(&b))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_builds_to_its_size() {
        for k in CATALOGUE {
            for seed in 0..20 {
                let m = k.make(&mut Rng::new(seed));
                let (lo, hi) = bounds(&m.parts);
                assert!(lo.z.abs() < 1e-12 && (lo.x + hi.x).abs() < 1e-12, "{}", k.name);
                let size = hi - lo;
                for i in 0..3 {
                    let (a, b) = k.size[i];
                    assert!(
                        size[i] > 0.85 * a && size[i] < 1.15 * b,
                        "{} axis {i}: {}",
                        k.name,
                        size[i]
                    );
                }
                if let Some(s) = m.surface {
                    assert!(s.z <= hi.z + 1e-12 && s.half.x <= hi.x && s.half.y <= hi.y);
                }
            }
        }
        assert!(CATALOGUE.len() >= 60);
        assert!(Kind::named("sofa").is_some() && Kind::named("unicorn").is_none());
    }
}
