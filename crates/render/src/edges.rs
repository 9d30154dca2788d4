//! Smooth edges: the rule of splatting at four places of a pixel, where a surface ends.
//!
//! Drawing at twice the size costs four times the work, all but a few percent of it on pixels whose four parts agree.
//! So a picture is drawn once; then the pixels beside a step of depth or a change of instance are decided again at the
//! middles of their four quarters, among the splats that have won there or next to there.

use std::cell::RefCell;

use rayon::prelude::*;
use reasmory_scene::Rgb8;

use crate::Cloud;
use crate::antialias::{light, mean_light};
use crate::cloud::BATCH;
use crate::color::{Rgb, unknown};
use crate::simd::{Isa, Kernel, bits, max, min};
use crate::splat::{NONE, Projector, SIDE, Surface};

/// Rows that one core works on at a time.
const BAND: usize = 16;
/// Splats remembered on the way along a row: a power of two.
const KEPT: usize = 1024;
/// Where depth changes by more than so many pixels' width from one pixel to the next, a surface may end: a slope of
/// 14 degrees to the line of sight.
const STEP: f32 = 4.0;

/// A splat as it lies in the picture.
#[derive(Clone, Copy, Debug)]
struct Splat {
    index: u32,
    u: f32,
    v: f32,
    /// Half its sides; negative where there is none.
    across: f32,
    down: f32,
    depth: f32,
    /// It takes part where the smallest depth is at least this.
    least: f32,
}

const NOTHING: Splat =
    Splat { index: NONE, u: 0.0, v: 0.0, across: -1.0, down: -1.0, depth: 0.0, least: 0.0 };

/// Makes the colours of `image`, a picture of `surface`, those of four places where `instance` or depth steps.
/// `pixel` is the width of a pixel over its depth, 0 where it does not grow with it.
pub(crate) fn smooth<P: Projector>(
    cloud: &Cloud,
    projector: &P,
    surface: &Surface,
    instance: &[u32],
    (pixel, largest): (f32, f32),
    image: &mut Rgb8,
) {
    let w = surface.width;
    let step = (4.0 * cloud.finest, STEP * pixel);
    let isa = Isa::best();
    let bands = image.pixels.par_chunks_mut(w * BAND).enumerate().with_max_len(1);
    bands.for_each(|(band, pixels)| {
        KEPT_SPLATS.with_borrow_mut(|kept| {
            kept.splats.fill(NOTHING);
            kept.flags.clear();
            kept.flags.resize(w + LANES, 0);
            for (i, row) in pixels.chunks_mut(w).enumerate() {
                let y = band * BAND + i;
                isa.run(Steps { surface, instance, y, step, flags: &mut kept.flags });
                isa.run(Row { cloud, projector, surface, y, largest, kept, row });
            }
        });
    });
}

/// What one core keeps from row to row.
struct KeptSplats {
    splats: Vec<Splat>,
    flags: Vec<u8>,
}

thread_local! {
    static KEPT_SPLATS: RefCell<KeptSplats> =
        RefCell::new(KeptSplats { splats: vec![NOTHING; KEPT], flags: Vec::new() });
}

/// Pixels compared at a time.
const LANES: usize = 32;

/// Finds in a row the pixels beside which a surface ends.
struct Steps<'a> {
    surface: &'a Surface,
    instance: &'a [u32],
    y: usize,
    /// Least step, and what is added for each unit of depth.
    step: (f32, f32),
    /// A pixel of the row each, 1 where it is one of them; what is past the row's end stays 0.
    flags: &'a mut [u8],
}

impl Kernel for Steps<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Steps { surface, instance, y, step, flags } = self;
        let (w, h) = (surface.width, surface.height);
        // Beyond the picture's border there is no step.
        let rows = [if y > 0 { y - 1 } else { y }, y, if y + 1 < h { y + 1 } else { y }];
        let depth = rows.map(|y| &surface.depth[y * w..y * w + w]);
        let ids = rows.map(|y| &instance[y * w..y * w + w]);
        let one = |x: usize| {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(w - 1));
            let here = depth[1][x];
            let limit = step.0 + step.1 * here;
            let apart = |z: f32, id: u32| ((z - here).abs() > limit) | (id != ids[1][x]);
            // Beside unknown space a pixel's limit is infinite; the other one's tells, and infinity less itself
            // compares as no step.
            let edge = |z: f32, id: u32| apart(z, id) | ((here == f32::INFINITY) & (z < here));
            edge(depth[0][x], ids[0][x])
                | edge(depth[2][x], ids[2][x])
                | edge(depth[1][left], ids[1][left])
                | edge(depth[1][right], ids[1][right])
        };
        flags[0] = u8::from(one(0));
        let mut x = 1;
        while x + LANES < w {
            let pick = |r: &[f32], from: usize| -> [f32; LANES] {
                r.get(from..from + LANES).and_then(|r| r.try_into().ok()).unwrap_or([0.0; LANES])
            };
            let pick_id = |r: &[u32], from: usize| -> [u32; LANES] {
                r.get(from..from + LANES).and_then(|r| r.try_into().ok()).unwrap_or([0; LANES])
            };
            let here = pick(depth[1], x);
            let id = pick_id(ids[1], x);
            let beside = [
                pick(depth[0], x),
                pick(depth[2], x),
                pick(depth[1], x - 1),
                pick(depth[1], x + 1),
            ];
            let other = [
                pick_id(ids[0], x),
                pick_id(ids[2], x),
                pick_id(ids[1], x - 1),
                pick_id(ids[1], x + 1),
            ];
            let mut found = [0u8; LANES];
            for i in 0..LANES {
                let limit = step.0 + step.1 * here[i];
                let unknown = u32::from(here[i] == f32::INFINITY);
                let mut any = 0;
                for k in 0..4 {
                    any |= u32::from((beside[k][i] - here[i]).abs() > limit);
                    any |= unknown & u32::from(beside[k][i] < here[i]);
                    any |= u32::from(other[k][i] != id[i]);
                }
                found[i] = any as u8;
            }
            if let Some(flags) = flags.get_mut(x..x + LANES) {
                flags.copy_from_slice(&found);
            }
            x += LANES;
        }
        for (k, flag) in flags[x..w].iter_mut().enumerate() {
            *flag = u8::from(one(x + k));
        }
    }
}

/// Decides the pixels of a row that are flagged.
struct Row<'a, P> {
    cloud: &'a Cloud,
    projector: &'a P,
    surface: &'a Surface,
    y: usize,
    largest: f32,
    kept: &'a mut KeptSplats,
    row: &'a mut [Rgb],
}

impl<P: Projector> Kernel for Row<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Row { cloud, projector, surface, y, largest, kept, row } = self;
        let (w, h) = (surface.width, surface.height);
        let light = light();
        let KeptSplats { splats, flags } = kept;
        let (eights, _) = flags.as_chunks::<8>();
        for (k, eight) in eights.iter().enumerate() {
            let mut set = bits(eight);
            while set != 0 {
                let x = 8 * k + set.trailing_zeros() as usize;
                set &= set - 1;
                let mut near = Near::none();
                let mut n = 0;
                for y in y.saturating_sub(1)..(y + 2).min(h) {
                    let from = y * w + x.saturating_sub(1);
                    for &index in &surface.index[from..y * w + (x + 2).min(w)] {
                        if index != NONE {
                            let place = &mut splats[index as usize % KEPT];
                            if place.index != index {
                                *place = splat(cloud, projector, index, largest);
                            }
                            near.set(n, place);
                            n += 1;
                        }
                    }
                }
                let own = surface.index[y * w + x];
                let (cx, cy) = (x as f32, y as f32);
                let mut four = [[0; 3]; 4];
                for (i, color) in four.iter_mut().enumerate() {
                    let (dx, dy) = (0.25 + 0.5 * (i % 2) as f32, 0.25 + 0.5 * (i / 2) as f32);
                    let winner = near.winner(cx + dx, cy + dy);
                    let winner = if winner == NONE { own } else { winner };
                    *color = match winner {
                        NONE => unknown(x, y),
                        i => cloud.paint[i as usize].color,
                    };
                }
                row[x] = mean_light(light, four);
            }
        }
    }
}

/// How a point is drawn, as `splat::project` has it.
#[inline(always)]
fn splat<P: Projector>(cloud: &Cloud, projector: &P, index: u32, largest: f32) -> Splat {
    let i = index as usize;
    let (u, v, depth, scale) = projector.project(cloud.x[i], cloud.y[i], cloud.z[i]);
    let batch = i / BATCH;
    let facing = projector.facing(&cloud.batches[batch], &cloud.planes[batch]);
    let side = SIDE * cloud.radius[i] * scale;
    let half = |share: f32| 0.5 * min(max(side * share, 1.0), largest);
    let (across, down) = (half(facing.across), half(facing.down));
    let least = max(depth - facing.slack * cloud.radius[i], 0.0);
    Splat { index, u, v, across, down, depth, least }
}

/// Lanes for the nine splats that have won in a pixel and its neighbours.
const NINE: usize = 16;

/// Those splats; one may be there several times.
struct Near {
    index: [u32; NINE],
    u: [f32; NINE],
    v: [f32; NINE],
    across: [f32; NINE],
    down: [f32; NINE],
    depth: [f32; NINE],
    least: [f32; NINE],
}

impl Near {
    #[inline(always)]
    fn none() -> Near {
        let zero = [0.0; NINE];
        let (across, down) = ([-1.0; NINE], [-1.0; NINE]);
        Near { index: [NONE; NINE], u: zero, v: zero, across, down, depth: zero, least: zero }
    }

    #[inline(always)]
    fn set(&mut self, n: usize, s: &Splat) {
        let n = n % NINE;
        (self.index[n], self.u[n], self.v[n]) = (s.index, s.u, s.v);
        (self.across[n], self.down[n]) = (s.across, s.down);
        (self.depth[n], self.least[n]) = (s.depth, s.least);
    }

    /// Which point wins at a place: of those whose splats cover it and are as near as the nearest, the one whose centre
    /// is nearest, at a tie the first; [`NONE`] where none covers it.
    #[inline(always)]
    fn winner(&self, x: f32, y: f32) -> u32 {
        // Numbers that are not negative are ordered as their bits.
        const EMPTY: u32 = f32::INFINITY.to_bits();
        let mut depth = [EMPTY; NINE];
        let mut square = [EMPTY; NINE];
        for i in 0..NINE {
            let (dx, dy) = (x - self.u[i], y - self.v[i]);
            let covers = (dx > -self.across[i])
                & (dx <= self.across[i])
                & (dy > -self.down[i])
                & (dy <= self.down[i]);
            depth[i] = if covers { self.depth[i].to_bits() } else { EMPTY };
            square[i] = if covers { (dx * dx + dy * dy).to_bits() } else { EMPTY };
        }
        let nearest = depth.iter().fold(EMPTY, |a, b| a.min(*b));
        let mut best = EMPTY;
        for (square, least) in square.iter_mut().zip(&self.least) {
            *square = if least.to_bits() <= nearest { *square } else { EMPTY };
            best = best.min(*square);
        }
        if best == EMPTY {
            return NONE;
        }
        let mut first = NONE;
        for (square, index) in square.iter().zip(&self.index) {
            first = first.min(if *square == best { *index } else { NONE });
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{cube, memory_of, plane, random_plane};
    use crate::{Antialias, EgoOptions, EgoRender, ego};
    use reasmory_geom::{Lens, Point3, View};

    fn draw(points: Vec<crate::testing::P>, antialias: Antialias) -> EgoRender {
        let memory = memory_of(points, vec![("crate", cube(0.0, 2.0, 0.0, 1.0))]);
        let view = View { lens: Lens::Fov(40.0), ..View::level(Point3::origin(), 90.0) };
        let options = EgoOptions { width: 200, height: 200, antialias, ..EgoOptions::default() };
        ego(&memory, &Cloud::new(&memory), &view, &options).unwrap()
    }

    /// Colours are mixed within a pixel of where the surface ends, and nowhere else; depths and instances never.
    #[test]
    fn only_edges_are_mixed() {
        let mut points = random_plane(0.4, 30_000.0, 2.0, [255; 3], 1);
        points.extend(plane(300, 300, 0.02, 4.0, [0; 3]));
        let (plain, smooth) =
            (draw(points.clone(), Antialias::Off), draw(points, Antialias::Edges));
        assert!(plain.depth == smooth.depth && plain.instance == smooth.instance);
        assert_eq!(plain.visible, smooth.visible);
        let at = |x: i64, y: i64| {
            let inside = (0..200).contains(&x) && (0..200).contains(&y);
            inside.then(|| plain.image.pixels[(y * 200 + x) as usize])
        };
        let mut mixed = 0;
        for (k, p) in smooth.image.pixels.iter().enumerate() {
            let (x, y) = ((k % 200) as i64, (k / 200) as i64);
            if p[0] != 0 && p[0] != 255 {
                mixed += 1;
                let ring = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
                assert!(
                    ring.into_iter()
                        .any(|(dx, dy)| at(x + dx, y + dy).is_some_and(|q| q != at(x, y).unwrap()))
                );
            }
        }
        assert!((100..2000).contains(&mixed), "{mixed}");
    }

    /// Where a picture of twice the size is taken for the truth, edges decided at four places are nearer to it
    /// than those decided at one, by far.
    #[test]
    fn edges_are_those_of_a_larger_picture() {
        let mut points = random_plane(0.4, 30_000.0, 2.0, [255; 3], 1);
        points.extend(plane(300, 300, 0.02, 4.0, [0; 3]));
        let all =
            [Antialias::Off, Antialias::Edges, Antialias::Full].map(|a| draw(points.clone(), a));
        let off = |a: &EgoRender| -> f64 {
            let pairs = a.image.pixels.iter().zip(&all[2].image.pixels);
            pairs.map(|(p, q)| (f64::from(p[0]) - f64::from(q[0])).powi(2)).sum()
        };
        let (off, edges) = (off(&all[0]), off(&all[1]));
        assert!(edges < 0.3 * off, "{edges} {off}");
    }

    #[test]
    fn threads_and_instructions_do_not_change_a_bit() {
        let mut points = random_plane(0.4, 20_000.0, 2.0, [255; 3], 1);
        points.extend(random_plane(2.0, 3000.0, 4.0, [10, 60, 90], 0));
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| draw(points.clone(), Antialias::Edges).image)
        };
        assert!(with(1) == with(3));
        let depth: Vec<f32> = (0..200 * 3)
            .map(|i| if i % 7 == 0 { f32::INFINITY } else { (i * i % 50) as f32 })
            .collect();
        let surface = Surface { width: 200, height: 3, depth, index: vec![NONE; 600] };
        let instance: Vec<u32> = (0..600).map(|i| i / 90).collect();
        let rows: Vec<Vec<u8>> = Isa::available()
            .into_iter()
            .map(|isa| {
                let mut flags = vec![0; 200 + LANES];
                let step = (0.5, 0.1);
                isa.run(Steps {
                    surface: &surface,
                    instance: &instance,
                    y: 1,
                    step,
                    flags: &mut flags,
                });
                flags
            })
            .collect();
        assert!(rows.iter().all(|r| *r == rows[0]));
        // Lanes and single pixels follow one rule.
        let one = |x: usize| {
            let at = |x: usize, y: usize| (surface.depth[y * 200 + x], instance[y * 200 + x]);
            let here = at(x, 1);
            let beside = [at(x, 0), at(x, 2), at(x.saturating_sub(1), 1), at((x + 1).min(199), 1)];
            beside.iter().any(|b| {
                let known = here.0.is_finite() && b.0.is_finite();
                let far = (b.0 - here.0).abs() > 0.5 + 0.1 * here.0;
                b.1 != here.1 || known && far || b.0.is_finite() != here.0.is_finite()
            })
        };
        for (x, flag) in rows[0][..200].iter().enumerate() {
            assert_eq!(*flag == 1, one(x), "{x}");
        }
    }
}
