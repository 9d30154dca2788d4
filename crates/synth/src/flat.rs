//! Flats: several furnished rooms with doorways between them.

use reasmory_geom::{Obb, Point3, Vec3};

use crate::place::{Placer, Plan, Slab};
use crate::recipes::{self, Line};
use crate::rng::Rng;
use crate::room::{Look, Piece, Room, Style};
use crate::solid::Frame2;
use crate::structure::{Chamber, Doorway, Hole, Layout, Wall};

/// Thickness of inner walls, metres.
const THICK: f64 = 0.12;
/// Upper end of doorways, metres.
const TOP: f64 = 2.05;
/// Floor kept free on both sides of a doorway, metres.
const FREE: f64 = 0.9;
/// Fewest and most rooms.
pub(crate) const ROOMS: std::ops::RangeInclusive<usize> = 2..=6;

/// What a room of a flat is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Living,
    Kitchen,
    Bedroom,
    Bathroom,
    Office,
    Nursery,
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Use::Living => "living room",
            Use::Kitchen => "kitchen",
            Use::Bedroom => "bedroom",
            Use::Bathroom => "bathroom",
            Use::Office => "office",
            Use::Nursery => "nursery",
        }
    }

    fn style(self) -> Style {
        match self {
            Use::Living => Style::Living,
            Use::Kitchen | Use::Bathroom => Style::Kitchen,
            Use::Bedroom | Use::Nursery => Style::Bedroom,
            Use::Office => Style::Office,
        }
    }

    fn recipe(self) -> Vec<&'static Line> {
        let (first, more): (&[Line], &[Line]) = match self {
            Use::Living => (recipes::LIVING, recipes::LIVING_MORE),
            Use::Kitchen => (recipes::KITCHEN, recipes::KITCHEN_MORE),
            Use::Bedroom => (recipes::BEDROOM, recipes::BEDROOM_MORE),
            Use::Office => (recipes::OFFICE, recipes::OFFICE_MORE),
            Use::Bathroom => (recipes::BATHROOM, &[]),
            Use::Nursery => (recipes::NURSERY, &[]),
        };
        first.iter().chain(more).collect()
    }
}

/// Rooms by area, largest first, get these.
fn uses(n: usize) -> &'static [Use] {
    const ALL: [Use; 6] =
        [Use::Living, Use::Bedroom, Use::Kitchen, Use::Office, Use::Nursery, Use::Bathroom];
    match n {
        2 => &[Use::Living, Use::Bedroom],
        3 => &[Use::Living, Use::Bedroom, Use::Bathroom],
        4 => &[Use::Living, Use::Bedroom, Use::Kitchen, Use::Bathroom],
        5 => &[Use::Living, Use::Bedroom, Use::Kitchen, Use::Office, Use::Bathroom],
        _ => &ALL,
    }
}

type Span = [[f64; 2]; 2];

/// Columns of rooms, side by side, with inner walls between.
fn spans(rng: &mut Rng, n: usize) -> (Vec<Span>, [f64; 2]) {
    let columns: &[usize] = match n {
        2 => &[1, 1],
        3 => &[1, 2],
        4 => &[2, 2],
        5 => &[2, 3],
        _ => &[3, 3],
    };
    let most = columns.iter().copied().max().unwrap_or(1);
    let depth = match most {
        1 => rng.range(4.2, 5.2),
        2 => rng.range(6.4, 7.6),
        _ => rng.range(9.2, 10.4),
    };
    let mut out = Vec::new();
    let mut x = 0.0;
    for (i, cells) in columns.iter().enumerate() {
        let width = if most == 1 { rng.range(4.2, 5.4) } else { rng.range(3.9, 5.2) };
        let spread = if *cells > 2 { 0.22 } else { 0.3 };
        let shares: Vec<f64> = (0..*cells).map(|_| rng.range(1.0 - spread, 1.0 + spread)).collect();
        let sum: f64 = shares.iter().sum();
        let usable = depth - THICK * (*cells - 1) as f64;
        let mut y = 0.0;
        for (k, s) in shares.iter().enumerate() {
            let end = if k + 1 == *cells { depth } else { y + usable * s / sum };
            out.push([[x, y], [x + width, end]]);
            y = end + THICK;
        }
        x += width + if i + 1 == columns.len() { 0.0 } else { THICK };
    }
    (out, [x, depth])
}

/// The stretch of wall that two rooms share: which axis it runs along, from and to, and its two faces.
fn shared(a: &Span, b: &Span) -> Option<(usize, [f64; 2], [f64; 2])> {
    (0..2).find_map(|axis| {
        let across = 1 - axis;
        let touch = |a: &Span, b: &Span| (b[0][across] - a[1][across] - THICK).abs() < 1e-9;
        let (low, high) = match (touch(a, b), touch(b, a)) {
            (true, _) => (a, b),
            (_, true) => (b, a),
            _ => return None,
        };
        let stretch = [a[0][axis].max(b[0][axis]), a[1][axis].min(b[1][axis])];
        (stretch[1] - stretch[0] > 1.5).then_some((
            axis,
            stretch,
            [low[1][across], high[0][across]],
        ))
    })
}

/// Doorways that join all rooms, and some more.
fn doorways(rng: &mut Rng, spans: &[Span]) -> Vec<Doorway> {
    let mut pairs = Vec::new();
    for b in 0..spans.len() {
        for a in 0..b {
            pairs.extend(shared(&spans[a], &spans[b]).map(|s| ([a, b], s)));
        }
    }
    rng.shuffle(&mut pairs);
    let mut group: Vec<usize> = (0..spans.len()).collect();
    let mut out = Vec::new();
    for (between, (axis, stretch, faces)) in pairs {
        let width = rng.range(0.85, 1.05);
        let from = rng.range(stretch[0] + 0.25, stretch[1] - 0.25 - width);
        let extra = rng.chance(0.3);
        let [a, b] = between.map(|r| group[r]);
        if a == b && !extra {
            continue;
        }
        group.iter_mut().filter(|g| **g == b).for_each(|g| *g = a);
        let mut span = [[0.0; 2]; 2];
        (span[0][axis], span[1][axis]) = (from, from + width);
        (span[0][1 - axis], span[1][1 - axis]) = (faces[0], faces[1]);
        out.push(Doorway { between, span, top: TOP });
    }
    out.sort_by_key(|w| w.between);
    out
}

/// The four walls of a room with the holes of its doorways.
fn walls(room: usize, span: &Span, doorways: &[Doorway]) -> Vec<Wall> {
    let plan = Plan::new(span[1][0] - span[0][0], span[1][1] - span[0][1], None);
    (0..4)
        .map(|number| {
            let (a, dir, len, normal) = plan.wall(number);
            let start = [a[0] + span[0][0], a[1] + span[0][1]];
            let mut holes = Vec::new();
            for w in doorways.iter().filter(|w| w.between.contains(&room)) {
                // The wall that the doorway's middle lies behind, within its own thickness.
                let m = w.middle();
                let d = [m[0] - start[0], m[1] - start[1]];
                let off = d[0] * normal[0] + d[1] * normal[1];
                if !(-THICK..0.0).contains(&off) {
                    continue;
                }
                let along = |p: [f64; 2]| (p[0] - start[0]) * dir[0] + (p[1] - start[1]) * dir[1];
                let (u, v) = (along(w.span[0]), along(w.span[1]));
                holes.push(Hole { along: [u.min(v), u.max(v)], top: w.top });
            }
            Wall { start, dir, len, normal, top: f64::INFINITY, holes, room, number }
        })
        .collect()
}

/// The two sides of a doorway's lining.
fn lining(w: &Doorway) -> [Wall; 2] {
    // It runs across the axis that it is wide along.
    let wide = usize::from(w.span[1][1] - w.span[0][1] > w.span[1][0] - w.span[0][0]);
    [0, 1].map(|end| {
        let (mut start, mut dir, mut normal) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        start[wide] = w.span[end][wide];
        start[1 - wide] = w.span[0][1 - wide];
        dir[1 - wide] = 1.0;
        normal[wide] = if end == 0 { 1.0 } else { -1.0 };
        let len = w.span[1][1 - wide] - w.span[0][1 - wide];
        Wall { start, dir, len, normal, top: w.top, holes: vec![], room: w.between[0], number: 0 }
    })
}

impl Room {
    /// A flat of this many rooms (2 to 6; by the seed where `None`), furnished from the whole catalogue, with
    /// open doorways that join all of them. Its frame is that of a room: floor z = 0, one corner of the outline,
    /// which is a rectangle around all rooms, at the origin.
    pub fn flat(seed: u64, rooms: Option<usize>) -> Room {
        let root = Rng::new(seed).fork(500);
        let mut rng = root.fork(1);
        let any = ROOMS.start() + rng.below(ROOMS.end() - ROOMS.start() + 1);
        let n = rooms.unwrap_or(any).clamp(*ROOMS.start(), *ROOMS.end());
        let height = rng.range(2.5, 2.8);
        let (mut spans, size) = spans(&mut rng, n);
        // The largest first: that is the living room, with the entrance.
        let area = |s: &Span| (s[1][0] - s[0][0]) * (s[1][1] - s[0][1]);
        spans.sort_by(|a, b| area(b).total_cmp(&area(a)));
        let doorways = doorways(&mut rng, &spans);
        let mut layout = Layout { rooms: Vec::new(), doorways, walls: Vec::new() };
        let mut pieces: Vec<Piece> = Vec::new();
        for (i, (span, used)) in spans.iter().zip(uses(n)).enumerate() {
            let own = walls(i, span, &layout.doorways);
            let outer = own.iter().map(|w| outside(w, size)).collect();
            let fork = root.fork(10 + i as u64);
            let first = pieces.len() as u32 + 1;
            pieces.extend(furnish(&fork, *used, span, height, &layout.doorways, i, outer, first));
            layout.walls.extend(own);
            let look = Look::of(&mut fork.fork(3), used.style());
            let m = [0, 1].map(|k| (span[0][k] + span[1][k]) / 2.0);
            layout.rooms.push(Chamber {
                name: used.name().to_owned(),
                span: *span,
                pieces: [first, pieces.len() as u32 + 1],
                floor: look.floor,
                wall: look.wall,
                accent: look.accent,
                light: Point3::new(m[0], m[1], height - 0.12),
            });
        }
        let lined: Vec<Wall> = layout.doorways.iter().flat_map(lining).collect();
        layout.walls.extend(lined);
        let plan = Plan::new(size[0], size[1], None);
        let light = layout.rooms[0].light;
        let look = Look::of(&mut root.fork(3), Style::Living);
        Room::assembled(seed, Style::Living, height, pieces, plan, look, light, Some(layout))
    }
}

/// Whether a wall is one of the flat's outer ones.
fn outside(w: &Wall, size: [f64; 2]) -> bool {
    let m = w.at(w.len / 2.0);
    (0..2).any(|k| m[k].abs() < 1e-9 || (m[k] - size[k]).abs() < 1e-9)
}

/// The pieces of one room, in the flat's frame, numbered from `first`.
#[allow(clippy::too_many_arguments)]
fn furnish(
    root: &Rng,
    used: Use,
    span: &Span,
    height: f64,
    doorways: &[Doorway],
    room: usize,
    outer: Vec<bool>,
    first: u32,
) -> Vec<Piece> {
    let plan = Plan::new(span[1][0] - span[0][0], span[1][1] - span[0][1], None);
    let mut placer = Placer::new(plan, height);
    placer.outer = outer;
    for w in doorways.iter().filter(|w| w.between.contains(&room)) {
        let (lo, hi) = (w.span[0], w.span[1]);
        let half = [0, 1].map(|k| {
            let d = (hi[k] - lo[k]) / 2.0;
            if hi[k] - lo[k] > 2.0 * THICK { d + 0.05 } else { d + FREE }
        });
        let m = w.middle();
        let local = [m[0] - span[0][0], m[1] - span[0][1]];
        placer.keep_free(Slab::new(local, half, 0.0, [0.02, TOP]));
        // A step inside: within the room, as far from its walls as a person is wide.
        let size = [span[1][0] - span[0][0], span[1][1] - span[0][1]];
        placer.ways.push([0, 1].map(|k| local[k].clamp(0.4, size[k] - 0.4)));
    }
    if used == Use::Living {
        recipes::put(&mut placer, &mut root.fork(2), "door");
    }
    if used != Use::Bathroom || root.fork(4).chance(0.5) {
        recipes::put(&mut placer, &mut root.fork(5), "window");
    }
    for (i, line) in used.recipe().into_iter().enumerate() {
        recipes::line(&mut placer, &root.fork(100 + i as u64), line);
    }
    let by = Vec3::new(span[0][0], span[0][1], 0.0);
    let moved = |mut p: Piece| {
        p.id += first - 1;
        p.support = p.support.map(|s| s + first - 1);
        p.frame = Frame2::new(p.frame.origin + by, p.frame.yaw);
        p.obb = Obb { center: p.obb.center + by, ..p.obb };
        p
    };
    placer.pieces.into_iter().map(moved).collect()
}
