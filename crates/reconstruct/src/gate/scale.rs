//! Whether parts of a model agree on size: points that two parts both see are located by each part alone,
//! and the distances between them compared.

use reasmory_geom::{Point3, Vec3};

use super::checks::observers;
use super::graph::{groups, shared};
use super::{GateOptions, Reason, SparseModel};
use crate::align::median;
use crate::epipolar::{nearest, ray};
use crate::stereo::angle;

/// Fewest points that both parts locate.
const LEAST_POINTS: usize = 12;
/// Least angle between a part's rays to a point, degrees: below it the distance is too uncertain.
const LEAST_ANGLE: f64 = 2.0;

/// The smaller part of the cut of the model across which sizes differ most, where they differ beyond the
/// tolerance. Cuts are those that a maximum spanning tree of shared points offers.
pub(super) fn sizes(
    model: &SparseModel,
    kept: &[bool],
    options: &GateOptions,
) -> Vec<(usize, Reason)> {
    let n = kept.len();
    let mut ties: Vec<(usize, (usize, usize))> =
        shared(model, kept).into_iter().map(|(pair, points)| (points, pair)).collect();
    ties.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut tree: Vec<(usize, usize)> = Vec::new();
    for (_, (a, b)) in ties {
        let group = groups(n, tree.iter().copied());
        if group[a] != group[b] {
            tree.push((a, b));
        }
    }
    let observers = observers(model, kept);
    let mut worst: Option<(f64, Vec<usize>)> = None;
    for cut in 0..tree.len() {
        let rest = tree.iter().enumerate().filter(|(k, _)| *k != cut).map(|(_, t)| *t);
        let group = groups(n, rest);
        let (a, b) = (group[tree[cut].0], group[tree[cut].1]);
        let count = |g: usize| (0..n).filter(|i| kept[*i] && group[*i] == g).count();
        let (small, large) = if count(a) < count(b) { (a, b) } else { (b, a) };
        if count(small) < 2 {
            continue;
        }
        let Some(ratio) = ratio(model, &observers, &group, small, large) else { continue };
        let off = |r: f64| r.max(1.0 / r);
        if off(ratio) > 1.0 + options.scale && worst.as_ref().is_none_or(|w| off(ratio) > off(w.0))
        {
            worst = Some((ratio, (0..n).filter(|i| kept[*i] && group[*i] == small).collect()));
        }
    }
    let Some((ratio, part)) = worst else { return Vec::new() };
    let group = part.len();
    part.into_iter().map(|i| (i, Reason::Size { ratio, group })).collect()
}

/// Size of what the part `small` sees over its size as `large` sees it; `None` where too little is seen
/// well by both.
fn ratio(
    model: &SparseModel,
    observers: &[Vec<u32>],
    group: &[usize],
    small: usize,
    large: usize,
) -> Option<f64> {
    let mut both: Vec<(Point3, Point3)> = Vec::new();
    for (k, seen_by) in observers.iter().enumerate() {
        let by = |g: usize| -> Option<Point3> {
            let rays: Vec<(Point3, Vec3)> = seen_by
                .iter()
                .filter(|i| group[**i as usize] == g)
                .filter_map(|i| {
                    let p = &model.photos[*i as usize];
                    let at = p.observations.iter().find(|o| o.0 as usize == k)?;
                    Some((p.pose.center, ray((&p.lens, &p.pose), at.1)))
                })
                .collect();
            let first = rays.first()?;
            let widest = rays.iter().map(|r| angle(&r.1, &first.1)).fold(0.0, f64::max);
            if widest < LEAST_ANGLE { None } else { nearest(&rays) }
        };
        let sides = |g: usize| seen_by.iter().filter(|i| group[**i as usize] == g).count();
        if sides(small) >= 2
            && sides(large) >= 2
            && let (Some(a), Some(b)) = (by(small), by(large))
        {
            both.push((a, b));
        }
        if both.len() >= 400 {
            break;
        }
    }
    if both.len() < LEAST_POINTS {
        return None;
    }
    // Each point with one half of the set away, so that no two are neighbours in a track list.
    let half = both.len() / 2;
    let ratios: Vec<f64> = (0..both.len())
        .filter_map(|i| {
            let (p, q) = (both[i], both[(i + half) % both.len()]);
            let of = (q.1 - p.1).norm();
            (of > 0.0).then(|| (q.0 - p.0).norm() / of)
        })
        .collect();
    Some(median(&ratios))
}
