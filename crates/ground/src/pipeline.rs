//! The whole way from views with masks to things.

use nalgebra::Matrix3;
use rayon::prelude::*;
use reasmory_geom::{Obb, Point3, Pose};

use crate::cluster::{self, Group};
use crate::evidence::{self, Evidence};
use crate::prepare::{self, Prepared};
use crate::shape::{self, SurfacePoint};
use crate::view::{Options, View};
use crate::{Assigner, GroundError, covariance, extent, fragments, refine};

/// A thing found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it is most likely called.
    pub label: String,
    /// All labels it was given, with their share of the votes, the likeliest first.
    pub labels: Vec<(String, f64)>,
    /// How sure it is, in [0, 1]: the mean score of its masks, times 1 − 2⁻ᵃ for the `a` views that have a
    /// mask of it, times their share of the views that should.
    pub confidence: f64,
    /// Views with a mask of it, ascending, as given.
    pub views: Vec<usize>,
    /// The masks that show it: `(view, mask)`, ascending, as given.
    pub masks: Vec<(usize, usize)>,
    /// Points of its surface.
    pub points: Vec<Point3>,
    /// Its upright box.
    pub obb: Obb,
    /// Covariance of its position.
    pub covariance: Matrix3<f64>,
}

/// What became of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It shows this thing (its place in [`Grounding::instances`]).
    Instance(usize),
    /// It shows several things, which share it.
    Group,
    /// It names stuff.
    Stuff,
    /// Other masks of its picture explain it.
    Explained,
    /// No depth, too small, or denied by other views.
    Dropped,
}

/// How well depth and poses fit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// Standard deviation of depth from pixel to pixel, relative to depth.
    pub depth: f64,
    /// Spread of depth between views, relative to depth, with the poses given …
    pub given: f64,
    /// … and with the poses used.
    pub used: f64,
    /// Whether the poses were refined.
    pub refined: bool,
}

/// What the masks show.
#[derive(Debug)]
pub struct Grounding {
    /// Things, by label, then by place.
    pub instances: Vec<Found>,
    /// What became of each mask, by view and mask as given.
    pub fates: Vec<Vec<Fate>>,
    /// Poses used, by view as given.
    pub poses: Vec<Pose>,
    /// How well depth and poses fit.
    pub noise: Noise,
    /// Tells which thing a point belongs to.
    pub assigner: Assigner,
}

/// Least relative tolerance of depth between views.
const TOLERANCE: f64 = 0.015;
/// Part of a thing's surface left out at either end of an axis.
const STRAY: f64 = 0.0008;

/// Surroundings that noisy points are drawn onto, in standard deviations of their positions.
const SETTLE: f64 = 5.0;
/// Part of the noise that is left after that.
const SETTLED: f64 = 0.5;

/// Finds out which masks show the same thing and describes each thing.
pub fn ground(views: &[View], options: &Options) -> Result<Grounding, GroundError> {
    let mut prepared = prepare::prepare(views, options)?;
    let fit = refine::align(&mut prepared, options.fixed_poses);
    let tolerance = TOLERANCE.max(4.0 * fit.after).max(3.0 * prepared.noise);
    let evidence = evidence::gather(&prepared, tolerance);

    let is_group: Vec<bool> = (0..prepared.pieces.len())
        .into_par_iter()
        .map(|m| fragments::is_group(&prepared, &evidence, m))
        .collect();
    let groups = cluster::join(&prepared, &evidence, |m| !is_group[m]);
    let groups = fragments::join_fragments(&prepared, &evidence, groups);
    let groups = fragments::join_sides(&prepared, &evidence, groups);
    let mut groups: Vec<Group> =
        groups.into_iter().filter(|g| !fragments::is_phantom(&prepared, &evidence, g)).collect();
    let shares = share_groups(&prepared, &evidence, &is_group, &mut groups);

    let axes = extent::common_turn(prepared.views.iter().flat_map(|v| {
        (0..v.z.len()).step_by(7).filter_map(|p| {
            let z = f64::from(v.z[p]);
            (z > 0.0).then(|| v.world_normal(p)).flatten().map(|n| (n, z * z))
        })
    }));
    let mut things: Vec<(Found, Group)> = groups
        .into_par_iter()
        .filter_map(|g| {
            let found = describe(&prepared, &evidence, &g, &shares, &fit, tolerance, axes)?;
            Some((found, g))
        })
        .collect();
    things.sort_by(|(a, _), (b, _)| {
        let c = |f: &Found| f.obb.center;
        let (p, q) = (c(a), c(b));
        a.label
            .cmp(&b.label)
            .then_with(|| p.x.total_cmp(&q.x))
            .then_with(|| p.y.total_cmp(&q.y))
            .then_with(|| p.z.total_cmp(&q.z))
    });

    // From pieces to things, for the masks' fates and for points.
    let mut thing_of = vec![0u32; prepared.pieces.len() + 1];
    for (i, (_, g)) in things.iter().enumerate() {
        for p in g.pieces.iter().filter(|p| !is_group[**p]) {
            thing_of[*p + 1] = i as u32 + 1;
        }
    }
    let fates = prepared
        .of_mask
        .iter()
        .map(|masks| {
            let fate = |m: &Option<usize>| match *m {
                None => Fate::Explained,
                Some(p) if prepared.pieces[p].stuff => Fate::Stuff,
                Some(p) if is_group[p] => Fate::Group,
                Some(p) => match thing_of[p + 1] {
                    0 => Fate::Dropped,
                    t => Fate::Instance(t as usize - 1),
                },
            };
            masks.iter().map(fate).collect()
        })
        .collect();
    let mut poses: Vec<Pose> = views.iter().map(|v| v.pose).collect();
    for v in &mut prepared.views {
        if fit.applied {
            poses[v.index].rotation = v.pose.rotation;
            poses[v.index].center = Point3::from(v.pose.center.coords * prepared.unit);
        }
        for (pixel, o) in v.owner.iter_mut().enumerate() {
            let piece = *o as usize;
            *o = match piece.checked_sub(1) {
                Some(m) if is_group[m] => shares
                    .of(m, pixel)
                    .and_then(|g| things.iter().position(|t| t.1.id == g))
                    .map_or(0, |t| t as u32 + 1),
                _ => thing_of[piece],
            };
        }
    }
    Ok(Grounding {
        instances: things.into_iter().map(|t| t.0).collect(),
        fates,
        poses,
        noise: Noise {
            depth: prepared.noise,
            given: fit.before,
            used: fit.after,
            refined: fit.applied,
        },
        assigner: Assigner { views: prepared.views, unit: prepared.unit, tolerance },
    })
}

/// Which pixels of a group mask belong to which thing, by the thing's `Group::id`.
struct Shares {
    /// By piece: samples `(pixel, id of the thing)`.
    of: std::collections::BTreeMap<usize, Vec<(usize, usize)>>,
    width: Vec<usize>,
}

impl Shares {
    /// The thing that a pixel of a group mask belongs to: that of the nearest sample.
    fn of(&self, piece: usize, pixel: usize) -> Option<usize> {
        let samples = self.of.get(&piece)?;
        let w = self.width[piece];
        let off = |p: usize| {
            let (dx, dy) = ((p % w).abs_diff(pixel % w), (p / w).abs_diff(pixel / w));
            dx * dx + dy * dy
        };
        samples.iter().min_by_key(|s| (off(s.0), s.0)).map(|s| s.1)
    }
}

/// Shares masks of several things among them: each sample goes to the thing that the other views see there.
fn share_groups(
    prepared: &Prepared,
    evidence: &Evidence,
    is_group: &[bool],
    groups: &mut [Group],
) -> Shares {
    let mut thing_of = vec![None; prepared.pieces.len()];
    for (i, g) in groups.iter().enumerate() {
        g.pieces.iter().for_each(|p| thing_of[*p] = Some(i));
    }
    let mut out = Shares {
        of: std::collections::BTreeMap::new(),
        width: prepared.pieces.iter().map(|p| prepared.views[p.view].width).collect(),
    };
    for m in (0..is_group.len()).filter(|m| is_group[*m]) {
        let own = prepared.pieces[m].view;
        let mut shared: Vec<(usize, usize)> = Vec::new();
        for (pixel, p) in &evidence.samples[m] {
            let mut votes = vec![0u32; groups.len()];
            for v in prepared.views.iter() {
                if let refine::Look::At(at) = refine::look(v, *p, evidence.tolerance)
                    && let Some(piece) = (v.owner[at] as usize).checked_sub(1)
                    && let Some(t) = thing_of[piece]
                {
                    votes[t] += 1;
                }
            }
            let best = (0..votes.len()).max_by_key(|t| (votes[*t], std::cmp::Reverse(*t)));
            if let Some(t) = best.filter(|t| votes[*t] > 0) {
                shared.push((*pixel, t));
            }
        }
        for (t, g) in groups.iter_mut().enumerate() {
            let part = shared.iter().filter(|s| s.1 == t).count();
            // A view that has a mask of the thing alone needs no share of a group's.
            if part >= 4 && !g.views.has(own) {
                g.pieces.push(m);
                g.pieces.sort_unstable();
                g.views.insert(own);
            }
        }
        out.of.insert(m, shared);
    }
    // Things by their ids, as they will be put in another order.
    for samples in out.of.values_mut() {
        samples.iter_mut().for_each(|s| s.1 = groups[s.1].id);
    }
    out
}

fn describe(
    prepared: &Prepared,
    evidence: &Evidence,
    g: &Group,
    shares: &Shares,
    fit: &refine::Alignment,
    tolerance: f64,
    axes: Option<f64>,
) -> Option<Found> {
    let only = |piece: usize, pixel: usize| {
        !shares.of.contains_key(&piece) || shares.of(piece, pixel) == Some(g.id)
    };
    let mut points = shape::without_strays(shape::lift(prepared, g, tolerance, &only));
    let mut sigma = 0.0;
    if prepared.noise > 0.0 {
        let mut z: Vec<f64> = points.iter().map(|p| p.depth).collect();
        z.sort_unstable_by(f64::total_cmp);
        sigma = z.get(z.len() / 2).copied().unwrap_or(0.0) * fit.after;
        points = shape::settled(&points, SETTLE * sigma);
        sigma *= SETTLED;
    }
    let weighted: Vec<(Point3, f64)> =
        points.iter().map(|p: &SurfacePoint| (p.position, p.area)).collect();
    let b = extent::upright_box(&weighted, STRAY, sigma, axes)?;
    let u = prepared.unit;
    let (shown, _) = fragments::shown(prepared, evidence, g);
    let seen = g.views.count() as f64;
    let score =
        g.pieces.iter().map(|p| prepared.pieces[*p].score).sum::<f64>() / g.pieces.len() as f64;
    let share = seen / (shown.count().max(1) as f64);
    let doubt = 1.0 / f64::from(1u32 << g.views.count().min(20));
    let views = g.views.iter().map(|v| &prepared.views[v]);
    let spread = fit.after.max(prepared.noise);
    let covariance = covariance::of_centre(views, b.center, spread) * (u * u);
    let mut masks: Vec<(usize, usize)> = g
        .pieces
        .iter()
        .flat_map(|p| {
            let piece = &prepared.pieces[*p];
            let view = prepared.views[piece.view].index;
            piece.masks.iter().map(move |m| (view, *m))
        })
        .collect();
    masks.sort_unstable();
    let mut views: Vec<usize> = masks.iter().map(|m| m.0).collect();
    views.dedup();
    let center = Point3::from(b.center.coords * u);
    Some(Found {
        label: g.votes.best().to_owned(),
        labels: g.votes.shares(),
        confidence: (score * (1.0 - doubt) * share).clamp(0.0, 1.0),
        views,
        masks,
        points: points.iter().map(|p| Point3::from(p.position.coords * u)).collect(),
        obb: Obb { center, half: b.half * u, ..b },
        covariance,
    })
}
