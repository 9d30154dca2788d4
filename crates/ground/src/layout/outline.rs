//! Outlines with few sides, along the walls.

use reasmory_geom::Point2;

/// A wall piece in the walls' own frame: position, which axis it faces along (and to which side), area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facing {
    pub(super) at: Point2,
    /// 0: it faces ±x; 1: ±y.
    pub(super) axis: usize,
    pub(super) side: f64,
    pub(super) area: f64,
}

/// A side of an outline along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Side {
    /// The coordinate that is the same all along: 0 for a side along y, 1 for one along x.
    axis: usize,
    value: f64,
}

/// An outline of sides along the axes in turn, from a border of unit steps; sides shorter than `least` squares
/// are evened out, keeping the area.
pub(super) fn sides(border: &[(i64, i64)], least: f64) -> Vec<Side> {
    let n = border.len();
    let mut out: Vec<Side> = Vec::new();
    for i in 0..n {
        let (a, b) = (border[i], border[(i + 1) % n]);
        let side = if a.0 == b.0 {
            Side { axis: 0, value: a.0 as f64 }
        } else {
            Side { axis: 1, value: a.1 as f64 }
        };
        if out.last() != Some(&side) {
            out.push(side);
        }
    }
    if out.len() > 1 && out.first() == out.last() {
        out.pop();
    }
    while out.len() > 4 {
        let (at, length) = shortest(&out);
        if length >= least {
            break;
        }
        // The sides before and after become one, where both together enclose as much as before.
        let (p, q) = (previous(&out, at), (at + 1) % out.len());
        let (lp, lq) = (span(&out, p), span(&out, q));
        let all = lp + lq;
        let value =
            if all > 0.0 { (lp * out[p].value + lq * out[q].value) / all } else { out[p].value };
        out[p].value = value;
        let mut gone = [at, q];
        gone.sort_unstable();
        out.remove(gone[1]);
        out.remove(gone[0]);
    }
    out
}

/// Brings sides from squares to lengths.
pub(super) fn scaled(s: &mut [Side], low: Point2, edge: f64) {
    s.iter_mut().for_each(|s| s.value = low[s.axis] + s.value * edge);
}

fn previous(s: &[Side], i: usize) -> usize {
    (i + s.len() - 1) % s.len()
}

/// Length of a side: between its neighbours.
fn span(s: &[Side], i: usize) -> f64 {
    (s[previous(s, i)].value - s[(i + 1) % s.len()].value).abs()
}

fn shortest(s: &[Side]) -> (usize, f64) {
    (0..s.len())
        .map(|i| (i, span(s, i)))
        .fold((0, f64::INFINITY), |b, x| if x.1 < b.1 { x } else { b })
}

/// The corners of an outline.
pub(super) fn corners(s: &[Side]) -> Vec<Point2> {
    (0..s.len())
        .map(|i| {
            let (a, b) = (s[i], s[(i + 1) % s.len()]);
            if a.axis == 0 { Point2::new(a.value, b.value) } else { Point2::new(b.value, a.value) }
        })
        .collect()
}

/// Least part of a side at which wall is seen.
const COVERED: f64 = 0.3;

/// Moves sides onto the walls that they lie at, and gives the part of the outline's length that does. `reach` is
/// how far a wall may be, `edge` how close samples of a wall are.
pub(super) fn onto_walls(s: &mut [Side], walls: &[Facing], reach: f64, edge: f64) -> f64 {
    let old = s.to_vec();
    let (mut on, mut all) = (0.0, 0.0);
    for i in 0..old.len() {
        let length = span(&old, i);
        all += length;
        let (axis, value) = (old[i].axis, old[i].value);
        let (a, b) = (old[previous(&old, i)].value, old[(i + 1) % old.len()].value);
        // Counter-clockwise: inside is on the left of the way from a to b.
        let inward = if (axis == 1) == (b > a) { 1.0 } else { -1.0 };
        let (lo, hi) = (a.min(b) + 0.05 * length, a.max(b) - 0.05 * length);
        let mut near: Vec<(f64, f64)> = Vec::new();
        // Stretches of the side, and whether wall is seen there.
        let mut seen = vec![false; ((hi - lo) / (2.0 * edge)).ceil().clamp(1.0, 1e6) as usize];
        for w in walls.iter().filter(|w| w.axis == axis && w.side == inward) {
            let (across, along) = (w.at[axis], w.at[1 - axis]);
            if (across - value).abs() < reach && (lo..=hi).contains(&along) {
                near.push((across, w.area));
                let k = ((along - lo) / (hi - lo) * seen.len() as f64) as usize;
                let last = seen.len() - 1;
                seen[k.min(last)] = true;
            }
        }
        let covered = seen.iter().filter(|s| **s).count() as f64 / seen.len() as f64;
        if covered < COVERED {
            continue;
        }
        if let Some(v) = densest(&mut near, 0.25 * reach) {
            s[i].value = v;
            on += length;
        }
    }
    if all > 0.0 { on / all } else { 0.0 }
}

/// The middle of the window with the most area.
fn densest(near: &mut [(f64, f64)], window: f64) -> Option<f64> {
    near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut from, mut sum) = (0, 0.0);
    let mut best: Option<(f64, usize, usize)> = None;
    for to in 0..near.len() {
        sum += near[to].1;
        while near[to].0 - near[from].0 > window {
            sum -= near[from].1;
            from += 1;
        }
        if best.is_none_or(|b| sum > b.0) {
            best = Some((sum, from, to));
        }
    }
    let (_, from, to) = best?;
    super::quantile(&mut near[from..=to], 0.5)
}

/// A border with few corners: those further than `off` from the line between the kept ones (Douglas and Peucker
/// 1973).
pub(super) fn simplified(border: &[Point2], off: f64) -> Vec<Point2> {
    let n = border.len();
    if n < 4 {
        return border.to_vec();
    }
    // Two corners far apart to begin with.
    let far = |from: usize| {
        (0..n).fold(from, |b, i| {
            let d = |k: usize| (border[k] - border[from]).norm_squared();
            if d(i) > d(b) { i } else { b }
        })
    };
    let (a, b) = {
        let a = far(0);
        let b = far(a);
        (a.min(b), a.max(b))
    };
    if a == b {
        return border.to_vec();
    }
    let mut keep = vec![false; n];
    (keep[a], keep[b]) = (true, true);
    let mut stack = vec![(a, b), (b, a + n)];
    while let Some((from, to)) = stack.pop() {
        let (p, q) = (border[from % n], border[to % n]);
        let way = q - p;
        let length = way.norm().max(f64::MIN_POSITIVE);
        let distance = |i: usize| {
            let d = border[i % n] - p;
            (way.x * d.y - way.y * d.x).abs() / length
        };
        let worst = (from + 1..to)
            .map(|i| (i, distance(i)))
            .fold((from, 0.0), |b, x| if x.1 > b.1 { x } else { b });
        if worst.1 > off {
            keep[worst.0 % n] = true;
            stack.push((from, worst.0));
            stack.push((worst.0, to));
        }
    }
    (0..n).filter(|i| keep[*i]).map(|i| border[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_geom::polygon;

    #[test]
    fn short_sides_are_evened_out() {
        // A square of 10 with a notch of 1 and a bay of 4.
        let mut border = Vec::new();
        let corners_of = [
            (0, 0),
            (5, 0),
            (5, 1),
            (6, 1),
            (6, 0),
            (10, 0),
            (10, 10),
            (7, 10),
            (7, 14),
            (3, 14),
            (3, 10),
            (0, 10),
        ];
        for i in 0..corners_of.len() {
            let ((x, y), (u, v)): ((i64, i64), (i64, i64)) =
                (corners_of[i], corners_of[(i + 1) % corners_of.len()]);
            let steps = (u - x).abs() + (v - y).abs();
            (0..steps)
                .for_each(|k| border.push((x + (u - x).signum() * k, y + (v - y).signum() * k)));
        }
        let s = sides(&border, 3.0);
        let c = corners(&s);
        assert_eq!(c.len(), 8, "{c:?}");
        assert!((polygon::area(&c) - 115.0).abs() < 1e-9, "{c:?}");
    }

    #[test]
    fn sides_move_onto_walls_that_face_in() {
        let mut s = sides(&[(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)], 0.5);
        let walls: Vec<Facing> = (0..20)
            .flat_map(|k| {
                let y = 0.1 * f64::from(k);
                // The wall at x = 2.1 faces −x; what faces +x there is another room's.
                [(2.1, -1.0), (1.9, 1.0)].map(|(x, side)| Facing {
                    at: Point2::new(x, y),
                    axis: 0,
                    side,
                    area: 1.0,
                })
            })
            .collect();
        let part = onto_walls(&mut s, &walls, 0.3, 0.1);
        assert!((part - 0.25).abs() < 1e-9, "{part}");
        assert!((polygon::area(&corners(&s)) - 4.2).abs() < 1e-9);
    }

    #[test]
    fn a_slanted_border_keeps_its_corners() {
        let mut border: Vec<Point2> = Vec::new();
        for (a, b) in [((0.0, 0.0), (8.0, 2.0)), ((8.0, 2.0), (6.0, 9.0)), ((6.0, 9.0), (0.0, 0.0))]
        {
            for k in 0..10 {
                let t = f64::from(k) / 10.0;
                border.push(Point2::new(a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
            }
        }
        assert_eq!(simplified(&border, 0.1).len(), 3);
    }
}
