//! What is measured of each photo, and what is wrong by itself.

use super::{GateOptions, Measures, Pair, Reason, SparseModel};
use crate::align::median;
use crate::epipolar::{in_front, sampson};
use crate::stereo::angle;
use reasmory_geom::Point3;

/// Whether the matches of two photos agree with their poses.
pub(super) struct Agreement {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) agrees: bool,
}

/// The pairs that have a say.
pub(super) fn agreements(
    model: &SparseModel,
    pairs: &[Pair],
    options: &GateOptions,
) -> Vec<Agreement> {
    let camera = |i: usize| model.photos.get(i).map(|p| (&p.lens, &p.pose));
    pairs
        .iter()
        .filter(|p| p.a != p.b && p.matches.len() >= options.least_matches)
        .filter_map(|p| {
            let (ca, cb) = (camera(p.a)?, camera(p.b)?);
            let fits = |m: &&([f64; 2], [f64; 2])| {
                sampson(ca, cb, m.0, m.1) <= options.epipolar && in_front(ca, cb, m.0, m.1)
            };
            let n = p.matches.iter().filter(fits).count();
            let agrees = n as f64 >= options.agreeing * p.matches.len() as f64;
            Some(Agreement { a: p.a, b: p.b, agrees })
        })
        .collect()
}

/// For every point, the photos of those kept that observe it.
pub(super) fn observers(model: &SparseModel, kept: &[bool]) -> Vec<Vec<u32>> {
    let mut out = vec![Vec::new(); model.points.len()];
    for (i, p) in model.photos.iter().enumerate() {
        if !kept[i] {
            continue;
        }
        for (point, _) in &p.observations {
            if let Some(o) = out.get_mut(*point as usize)
                && o.last() != Some(&(i as u32))
            {
                o.push(i as u32);
            }
        }
    }
    out
}

fn is_camera(model: &SparseModel, i: usize) -> bool {
    let p = &model.photos[i];
    p.lens.is_valid() && p.pose.center.iter().chain(p.pose.rotation.iter()).all(|x| x.is_finite())
}

/// Measures of every photo, with respect to those kept.
pub(super) fn measure(
    model: &SparseModel,
    agreements: &[Agreement],
    kept: &[bool],
) -> Vec<Measures> {
    let observers = observers(model, kept);
    let good: Vec<usize> = (0..kept.len()).filter(|i| kept[*i] && is_camera(model, *i)).collect();
    let axis = |k: usize| {
        median(&good.iter().map(|i| model.photos[*i].pose.center[k]).collect::<Vec<_>>())
    };
    let middle = Point3::new(axis(0), axis(1), axis(2));
    let distance = |i: usize| (model.photos[i].pose.center - middle).norm();
    let typical = median(&good.iter().map(|i| distance(*i)).collect::<Vec<_>>());
    (0..model.photos.len())
        .map(|i| {
            let mut m = Measures::default();
            if !is_camera(model, i) || !kept[i] {
                return m;
            }
            let p = &model.photos[i];
            let (mut before, mut errors, mut angles) = (0usize, Vec::new(), Vec::new());
            for (point, pixel) in &p.observations {
                let (Some(x), Some(seen_by)) =
                    (model.points.get(*point as usize), observers.get(*point as usize))
                else {
                    continue;
                };
                if seen_by.len() < 2 || !x.iter().all(|v| v.is_finite()) {
                    continue;
                }
                m.points += 1;
                let q = p.pose.to_camera(*x);
                before += usize::from(q.z > 0.0);
                errors.push(match p.lens.project(q) {
                    Some((u, v)) => (u - pixel[0]).hypot(v - pixel[1]),
                    None => f64::INFINITY,
                });
                let own = p.pose.center - x;
                let widest = seen_by
                    .iter()
                    .filter(|j| **j as usize != i)
                    .map(|j| angle(&own, &(model.photos[*j as usize].pose.center - x)))
                    .fold(0.0, f64::max);
                angles.push(widest);
            }
            m.in_front = before as f64 / m.points.max(1) as f64;
            m.reprojection = median(&errors);
            m.parallax = median(&angles);
            m.distance = if typical > 0.0 { distance(i) / typical } else { 0.0 };
            for a in agreements.iter().filter(|a| a.a == i || a.b == i) {
                if kept[if a.a == i { a.b } else { a.a }] {
                    m.pairs += 1;
                    m.agree += usize::from(a.agrees);
                }
            }
            m
        })
        .collect()
}

/// Photos that are wrong by themselves.
pub(super) fn alone(
    model: &SparseModel,
    measures: &[Measures],
    kept: &[bool],
    options: &GateOptions,
) -> Vec<(usize, Reason)> {
    let mut out = Vec::new();
    // With three photos or fewer no distance is out of the ordinary.
    let crowd = kept.iter().filter(|k| **k).count() > 3;
    for (i, m) in measures.iter().enumerate().filter(|(i, _)| kept[*i]) {
        if !is_camera(model, i) {
            out.push((i, Reason::NotACamera));
            continue;
        }
        if crowd && m.distance > options.far {
            out.push((i, Reason::Far { ratio: m.distance }));
        }
        if m.points < options.least_points {
            out.push((i, Reason::Support { points: m.points }));
            continue;
        }
        if m.in_front < options.in_front {
            out.push((i, Reason::Behind { share: m.in_front }));
        }
        if m.reprojection > options.reprojection {
            out.push((i, Reason::Reprojection { pixels: m.reprojection }));
        }
        if m.parallax < options.parallax {
            out.push((i, Reason::Parallax { degrees: m.parallax }));
        }
    }
    // What is far, not a camera or bent out of shape distorts what is measured of the others: the worst
    // kind goes first.
    for first in [
        |r: &Reason| matches!(r, Reason::NotACamera | Reason::Far { .. }),
        |r: &Reason| matches!(r, Reason::Behind { .. } | Reason::Reprojection { .. }),
    ] {
        if out.iter().any(|(_, r)| first(r)) {
            let bad: Vec<usize> = out.iter().filter(|(_, r)| first(r)).map(|x| x.0).collect();
            out.retain(|(i, _)| bad.contains(i));
            return out;
        }
    }
    out
}

/// The photo that most of its pairs contradict, if there is one: one at a time, since a bad photo makes
/// pairs of good ones disagree.
pub(super) fn contradicted(
    measures: &[Measures],
    kept: &[bool],
    options: &GateOptions,
) -> Vec<(usize, Reason)> {
    let share = |m: &Measures| m.agree as f64 / m.pairs as f64;
    let worst = measures
        .iter()
        .enumerate()
        .filter(|(i, m)| kept[*i] && m.pairs >= 2 && share(m) < options.agreeing)
        .min_by(|(_, a), (_, b)| share(a).total_cmp(&share(b)).then(b.pairs.cmp(&a.pairs)));
    let Some((i, m)) = worst else { return Vec::new() };
    vec![(i, Reason::Epipolar { agree: m.agree, pairs: m.pairs })]
}
