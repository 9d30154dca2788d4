//! Masks that hold several things, things in several masks, and what is left over.

use reasmory_geom::Point3;

use crate::cluster::{self, Group, Views};
use crate::evidence::Evidence;
use crate::prepare::Prepared;

/// A mask lies within another where this part of what both views see of it does.
const WITHIN: f64 = 0.6;
/// Samples below which a mask has no say about others.
const SAY: u32 = 10;
/// A piece counts as shown in a view where this part of its samples shows up.
const SHOWN: f64 = 0.5;

/// Whether most views that can tell see several things where this piece is one: it is a group of them.
pub(crate) fn is_group(prepared: &Prepared, evidence: &Evidence, piece: usize) -> bool {
    let own = prepared.pieces[piece].view;
    let (mut several, mut one) = (0, 0);
    for s in &evidence.seen[piece] {
        let mut within = 0;
        let mut covered = 0;
        for &(o, n) in &s.on {
            let back = &evidence.seen[o as usize][own];
            let inside = f64::from(back.on(piece as u32));
            // Both ways: it holds much of the other, and the other much of what it shows there.
            if back.visible() >= SAY
                && inside >= WITHIN * f64::from(back.visible())
                && f64::from(n) >= 0.12 * f64::from(s.visible())
            {
                within += 1;
                covered += n;
            }
        }
        if s.visible() < SAY || f64::from(covered) < 0.5 * f64::from(s.visible()) {
            continue;
        }
        match within {
            0 => {}
            1 => one += 1,
            _ => several += 1,
        }
    }
    several > one
}

/// Joins groups that are fragments of one thing: most views that see both see one mask where a few see
/// two.
pub(crate) fn join_fragments(
    prepared: &Prepared,
    evidence: &Evidence,
    mut groups: Vec<Group>,
) -> Vec<Group> {
    let within = |from: &Group, of: &Group, view: usize| -> Option<bool> {
        // Whether what `from` shows in the view lies in the piece that `of` has there.
        let target = of.pieces.iter().copied().find(|p| prepared.pieces[*p].view == view)?;
        let (mut on, mut visible) = (0, 0);
        for &p in &from.pieces {
            let s = &evidence.seen[p][view];
            on += s.on(target as u32);
            visible += s.visible();
        }
        (visible >= SAY).then(|| f64::from(on) >= WITHIN * f64::from(visible))
    };
    let mut at = 0;
    while at < groups.len() {
        let mut best: Option<(usize, usize)> = None;
        for k in 0..groups.len() {
            if k == at || groups[at].views.count() > groups[k].views.count() {
                continue;
            }
            let (small, large) = (&groups[at], &groups[k]);
            if small.votes.alike(&large.votes) < 0.5 {
                continue;
            }
            let (mut together, mut apart) = (0, 0);
            for v in large.views.iter() {
                if small.views.has(v) {
                    apart += 1;
                } else if let Some(inside) = within(small, large, v) {
                    if inside { together += 1 } else { apart += 1 }
                }
            }
            if together >= 2 && together > 2 * apart && best.is_none_or(|b| together > b.0) {
                best = Some((together, k));
            }
        }
        match best {
            Some((_, k)) => {
                let gone = groups.remove(at);
                let k = if k > at { k - 1 } else { k };
                groups[k].absorb(gone);
                at = 0;
            }
            None => at += 1,
        }
    }
    groups
}

/// Axis-aligned bounds of a group's samples without the outermost twentieth.
fn bounds(evidence: &Evidence, g: &Group) -> Option<(Point3, Point3)> {
    let points: Vec<Point3> =
        g.pieces.iter().flat_map(|p| evidence.samples[*p].iter().map(|s| s.1)).collect();
    let last = points.len().checked_sub(1)?;
    let (mut lo, mut hi) = (Point3::origin(), Point3::origin());
    for k in 0..3 {
        let mut v: Vec<f64> = points.iter().map(|p| p[k]).collect();
        v.sort_unstable_by(f64::total_cmp);
        (lo[k], hi[k]) = (v[last / 20], v[last - last / 20]);
    }
    Some((lo, hi))
}

/// Part of a group's samples within bounds widened by `slack`.
fn share_within(evidence: &Evidence, g: &Group, b: &(Point3, Point3), slack: f64) -> f64 {
    let (mut inside, mut all) = (0, 0);
    for (_, p) in g.pieces.iter().flat_map(|p| &evidence.samples[*p]) {
        all += 1;
        inside += usize::from((0..3).all(|k| p[k] >= b.0[k] - slack && p[k] <= b.1[k] + slack));
    }
    if all == 0 { 0.0 } else { f64::from(inside as u32) / f64::from(all as u32) }
}

/// Joins groups of one label that no view sees apart and that fill the same space: front and back of one
/// thing share no surface, and far views of small things may miss them.
pub(crate) fn join_sides(
    prepared: &Prepared,
    evidence: &Evidence,
    mut groups: Vec<Group>,
) -> Vec<Group> {
    let slack = |g: &Group| {
        // The depth tolerance at the group's median distance.
        let mut z: Vec<f64> = g
            .pieces
            .iter()
            .flat_map(|p| {
                let v = &prepared.views[prepared.pieces[*p].view];
                evidence.samples[*p].iter().map(|s| f64::from(v.z[s.0]))
            })
            .collect();
        z.sort_unstable_by(f64::total_cmp);
        z.get(z.len() / 2).copied().unwrap_or(0.0) * evidence.tolerance
    };
    let mut at = 0;
    while at < groups.len() {
        let small = &groups[at];
        let mut best: Option<(f64, usize)> = None;
        for (k, large) in groups.iter().enumerate() {
            let smaller = small.views.count() <= large.views.count();
            if k == at || !smaller || small.views.meet(&large.views) {
                continue;
            }
            if small.votes.alike(&large.votes) < 0.5 {
                continue;
            }
            // Views that see one of them where the other's mask is not: they are apart.
            let common = cluster::common(prepared, evidence, &small.pieces, &large.pieces);
            let (affinity, chances) = small.affinity(large, common);
            if chances >= 4.0 * f64::from(SAY) && affinity < 0.15 {
                continue;
            }
            let Some(b) = bounds(evidence, large) else { continue };
            let share = share_within(evidence, small, &b, slack(large));
            if share >= 0.5 && best.is_none_or(|x| share > x.0) {
                best = Some((share, k));
            }
        }
        match best {
            Some((_, k)) => {
                let gone = groups.remove(at);
                let k = if k > at { k - 1 } else { k };
                groups[k].absorb(gone);
                at = 0;
            }
            None => at += 1,
        }
    }
    groups
}

/// Views in which a group shows up (half of the samples of one of its pieces), and those among them that
/// have no mask of it.
pub(crate) fn shown(prepared: &Prepared, evidence: &Evidence, g: &Group) -> (Views, Views) {
    let n = prepared.views.len();
    let (mut shown, mut missed) = (Views::none(n), Views::none(n));
    for v in 0..n {
        let shows = g.pieces.iter().any(|p| {
            let s = &evidence.seen[*p][v];
            let all = evidence.samples[*p].len() as f64;
            s.visible() >= SAY.min(4) && f64::from(s.visible()) >= SHOWN * all
        });
        if g.views.has(v) {
            shown.insert(v);
        } else if shows {
            shown.insert(v);
            missed.insert(v);
        }
    }
    (shown, missed)
}

/// Whether a group is nothing that other views confirm: one mask, and most of the (several) views that
/// should show it see something else or nothing.
pub(crate) fn is_phantom(prepared: &Prepared, evidence: &Evidence, g: &Group) -> bool {
    if g.views.count() > 1 {
        return false;
    }
    let (_, missed) = shown(prepared, evidence, g);
    // Views that look through where it should be deny it as well.
    let through = (0..prepared.views.len())
        .filter(|v| {
            !missed.has(*v)
                && g.pieces.iter().any(|p| {
                    let all = evidence.samples[*p].len() as f64;
                    f64::from(evidence.seen[*p][*v].through) >= SHOWN * all
                })
        })
        .count();
    missed.count() + through >= 3
}
