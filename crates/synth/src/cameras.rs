//! Where pictures are taken from: photo sets that cover a room and hand-held videos through it.

use rayon::prelude::*;
use reasmory_geom::{EYE_HEIGHT, Pinhole, Point3, Pose, Vec3, View, math};

use crate::raycast::{Hit, hits};
use crate::rng::Rng;
use crate::room::Room;

/// A camera: where it is, its lens, and when it took its picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Camera to world.
    pub pose: Pose,
    /// Lens and picture size.
    pub pinhole: Pinhole,
    /// Seconds from the first picture, in a video.
    pub time: Option<f64>,
}

/// Number of photos of a default photo set.
pub const DEFAULT_PHOTOS: usize = 14;

/// The lens of the default cameras at this picture size.
pub fn default_pinhole(width: u32, height: u32) -> Pinhole {
    Pinhole::from_fov(width, height, View::DEFAULT_FOV)
}

/// Free horizontal distance around a point to the walls and to all furniture higher than `above`;
/// negative where the point is outside the room.
pub(crate) fn free_distance(room: &Room, x: f64, y: f64, above: f64) -> f64 {
    let mut free = f64::INFINITY;
    let mut inside = false;
    if let Some(l) = &room.layout {
        free = l.free(x, y);
        inside = free >= 0.0;
        free = free.abs();
    }
    let n = if room.layout.is_some() { 0 } else { room.outline.len() };
    for i in 0..n {
        let (a, b) = (room.outline[i], room.outline[(i + 1) % n]);
        // Even-odd rule for the outline; distance to the wall's segment.
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let t = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy);
        let t = t.clamp(0.0, 1.0);
        free = free.min((a[0] + t * dx - x).hypot(a[1] + t * dy - y));
    }
    if !inside {
        return -free;
    }
    for p in &room.pieces {
        let h = p.half();
        if p.frame.origin.z + 2.0 * h.z < above {
            continue;
        }
        let l = p.frame.local(Point3::new(x, y, 0.0));
        let (dx, dy) = ((l.x.abs() - h.x).max(0.0), (l.y.abs() - h.y).max(0.0));
        free = free.min(dx.hypot(dy));
    }
    free
}

fn looking(eye: Point3, heading: f64, pitch: f64) -> Pose {
    View { pitch, ..View::level(eye, heading) }.pose()
}

/// Surface elements a camera sees: a key for each patch of 12 cm and facing, from a coarse grid of rays.
fn seen_patches(room: &Room, pose: &Pose, lens: &Pinhole) -> Vec<u64> {
    const CELL: f64 = 0.12;
    let k = lens.fitted(48, 36);
    let key = |(p, hit): (Point3, Hit)| {
        let n = hit.normal;
        let a = n.abs();
        let axis = if a.z >= a.x && a.z >= a.y { 2 } else { usize::from(a.y > a.x) };
        let side = 2 * axis as u64 + u64::from(n[axis] > 0.0);
        let c = |v: f64| ((v / CELL).floor() as i64 & 0xff) as u64;
        u64::from(hit.id) << 32 | side << 24 | c(p.x) << 16 | c(p.y) << 8 | c(p.z)
    };
    let mut keys: Vec<u64> = hits(room, pose, &k).into_iter().flatten().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Poses that photos may be taken from: on a loose grid, in six directions each, clear of furniture higher
/// than `above`.
fn candidates(
    room: &Room,
    rng: &mut Rng,
    lo: [f64; 2],
    hi: [f64; 2],
    eye: f64,
    above: f64,
) -> Vec<Pose> {
    let mut poses = Vec::new();
    for i in 0..8 {
        for j in 0..8 {
            let at = |k: usize, a: f64, b: f64| a + 0.3 + (b - a - 0.6) * k as f64 / 7.0;
            let x = at(i, lo[0], hi[0]) + rng.range(-0.12, 0.12);
            let y = at(j, lo[1], hi[1]) + rng.range(-0.12, 0.12);
            let standing = free_distance(room, x, y, above) >= 0.1;
            if !standing || free_distance(room, x, y, eye - 0.4) < 0.25 {
                continue;
            }
            for turn in 0..6 {
                let heading = math::wrap_deg(60.0 * f64::from(turn) + rng.range(-20.0, 20.0));
                let pitch = if turn % 3 == 0 { -26.0 } else { -14.0 } + rng.range(-4.0, 4.0);
                let eye = Point3::new(x, y, eye + rng.range(-0.08, 0.08));
                poses.push(looking(eye, heading, pitch));
            }
        }
    }
    poses
}

/// `n` level-headed photos at eye height that together show as much of the room as they can: views are
/// chosen greedily by the surface they add, each piece counting alike, then put in walking order, in a flat room
/// by room.
pub fn photo_set(room: &Room, n: usize, width: u32, height: u32) -> Vec<Camera> {
    let pinhole = default_pinhole(width, height);
    let mut rng = Rng::new(room.seed).fork(40);
    let (lo, hi) = extent(room);
    let eye = EYE_HEIGHT.min(room.height - 0.3);
    // Nobody takes photos standing on a bed, unless the room leaves no other place.
    let spans = room
        .layout
        .as_ref()
        .map_or(vec![[lo, hi]], |l| l.tour().into_iter().map(|r| l.rooms[r].span).collect());
    let mut poses = Vec::new();
    for [lo, hi] in &spans {
        let mut here = candidates(room, &mut rng, *lo, *hi, eye, 0.1);
        if here.len() < 8 * n.div_ceil(spans.len()) {
            here.extend(candidates(room, &mut rng, *lo, *hi, eye, 0.9));
        }
        poses.extend(here);
    }
    let seen: Vec<Vec<u64>> = poses.par_iter().map(|p| seen_patches(room, p, &pinhole)).collect();
    // The universe of patches, with each piece's patches sharing one unit of weight. The structure
    // weighs as much as four pieces.
    let mut universe: Vec<u64> = seen.iter().flatten().copied().collect();
    universe.sort_unstable();
    universe.dedup();
    let mut totals = vec![0u32; room.pieces.len() + 1];
    for k in &universe {
        totals[(k >> 32) as usize] += 1;
    }
    let indexed: Vec<Vec<usize>> = seen
        .iter()
        .map(|s| s.iter().filter_map(|k| universe.binary_search(k).ok()).collect())
        .collect();
    let mut times = vec![0u8; universe.len()];
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < n.min(poses.len()) {
        let gain = |i: usize| -> f64 {
            indexed[i]
                .iter()
                .map(|&k| {
                    let id = (universe[k] >> 32) as usize;
                    let share = if id == 0 { 4.0 } else { 1.0 } / f64::from(totals[id]);
                    // A second look at a patch is worth a little, so that later views still matter.
                    share * [1.0, 0.15, 0.03, 0.0][usize::from(times[k].min(3))]
                })
                .sum()
        };
        let best = (0..poses.len())
            .filter(|i| !chosen.contains(i))
            .map(|i| (gain(i), i))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, best)) = best else { break };
        for &k in &indexed[best] {
            times[k] = times[k].saturating_add(1);
        }
        chosen.push(best);
    }
    // Walking order: room by room, in each by angle around the middle.
    chosen.sort_by(|a, b| {
        let place = |i: &usize| {
            let c = poses[*i].center;
            let inside = |s: &[[f64; 2]; 2]| {
                s[0][0] <= c.x && c.x <= s[1][0] && s[0][1] <= c.y && c.y <= s[1][1]
            };
            let at = spans.iter().position(inside).unwrap_or(0);
            let mid = [0, 1].map(|k| (spans[at][0][k] + spans[at][1][k]) / 2.0);
            (at, math::atan2_deg(c.y - mid[1], c.x - mid[0]))
        };
        let (x, y) = (place(a), place(b));
        x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(a.cmp(b))
    });
    chosen.into_iter().map(|i| Camera { pose: poses[i], pinhole, time: None }).collect()
}

/// A hand-held video: a closed walk around the emptiest spot of the room, looking across the room, with
/// the sway of steps. `seconds` long, `count` frames. Through a flat: a walk from room to room by the doorways,
/// with a look around in each.
pub fn video_path(room: &Room, count: usize, seconds: f64, width: u32, height: u32) -> Vec<Camera> {
    if room.layout.is_some() {
        return crate::walk::video(room, count, seconds, width, height);
    }
    let pinhole = default_pinhole(width, height);
    let (lo, hi) = extent(room);
    let eye = EYE_HEIGHT.min(room.height - 0.3);
    let mut spot = (f64::NEG_INFINITY, [0.0; 2]);
    for i in 1..40 {
        for j in 1..40 {
            let x = lo[0] + (hi[0] - lo[0]) * f64::from(i) / 40.0;
            let y = lo[1] + (hi[1] - lo[1]) * f64::from(j) / 40.0;
            let free = free_distance(room, x, y, 0.3);
            if free > spot.0 {
                spot = (free, [x, y]);
            }
        }
    }
    let center = spot.1;
    // Free walking distance in each direction, least over neighbours, then smoothed.
    const RAYS: usize = 72;
    let reach: Vec<f64> = (0..RAYS)
        .map(|k| {
            let a = 360.0 * k as f64 / RAYS as f64;
            let (c, s) = (math::cos_deg(a), math::sin_deg(a));
            let mut r = 0.0;
            while r < 3.0
                && free_distance(room, center[0] + c * (r + 0.05), center[1] + s * (r + 0.05), 0.3)
                    > 0.3
            {
                r += 0.05;
            }
            r
        })
        .collect();
    let around = |v: &[f64], k: usize, f: &dyn Fn(&[f64]) -> f64| {
        let w: Vec<f64> = (0..9).map(|j| v[(k + RAYS + j - 4) % RAYS]).collect();
        f(&w)
    };
    let least: Vec<f64> = (0..RAYS)
        .map(|k| around(&reach, k, &|w| w.iter().copied().fold(f64::INFINITY, f64::min)))
        .collect();
    let smooth: Vec<f64> =
        (0..RAYS).map(|k| around(&least, k, &|w| w.iter().sum::<f64>() / w.len() as f64)).collect();
    // From the middle of the room one looks all around; from its side, to and fro across it.
    let across = [(lo[0] + hi[0]) / 2.0 - center[0], (lo[1] + hi[1]) / 2.0 - center[1]];
    let central = across[0].hypot(across[1]) < 0.8;
    let middle = math::atan2_deg(across[1], across[0]);
    let pan = |a: f64| if central { a + 180.0 } else { middle + 70.0 * math::sin_deg(2.0 * a) };
    (0..count)
        .map(|i| {
            let f = i as f64 / count.max(1) as f64;
            let angle = 360.0 * f;
            let k = f * RAYS as f64;
            let (k0, t) = (k.floor() as usize % RAYS, k - k.floor());
            let r = smooth[k0] * (1.0 - t) + smooth[(k0 + 1) % RAYS] * t;
            let time = seconds * f;
            // About two steps a second.
            let sway = math::sin_deg(time * 360.0);
            let bob = math::sin_deg(time * 720.0);
            let e = Point3::new(
                center[0] + r * math::cos_deg(angle),
                center[1] + r * math::sin_deg(angle),
                eye + 0.015 * bob,
            );
            let heading = pan(angle) + 3.0 * sway;
            let pitch = -14.0 + 6.0 * math::sin_deg(3.0 * angle) + bob;
            let roll = 1.5 * sway;
            let view = View { pitch, roll, ..View::level(e, math::wrap_deg(heading)) };
            Camera { pose: view.pose(), pinhole, time: Some(time) }
        })
        .collect()
}

/// Photos on an arc of this length in metres that all look at one place in the middle of the room, from
/// as far as the room allows at standing height: what someone takes who walks sideways around a thing.
/// Empty where the room has no such place free.
pub fn arc(room: &Room, count: usize, length: f64, width: u32, height: u32) -> Vec<Camera> {
    let pinhole = default_pinhole(width, height);
    let (lo, hi) = extent(room);
    let eye = EYE_HEIGHT.min(room.height - 0.3);
    let target = Point3::new((lo[0] + hi[0]) / 2.0, (lo[1] + hi[1]) / 2.0, 0.8);
    let centres = |radius: f64, middle: f64| -> Vec<Point3> {
        let span = (length / radius).to_degrees();
        let at = |i: usize| {
            let part = if count > 1 { i as f64 / (count - 1) as f64 - 0.5 } else { 0.0 };
            let a = middle + span * part;
            let (c, s) = (math::cos_deg(a), math::sin_deg(a));
            Point3::new(target.x + radius * c, target.y + radius * s, eye)
        };
        (0..count).map(at).collect()
    };
    // The widest arc whose every place is free of walls and of what reaches the camera's height.
    let mut best: Option<(f64, f64, f64)> = None;
    for step in 0..20 {
        let radius = 3.5 - 0.12 * f64::from(step);
        for k in 0..72 {
            let middle = 5.0 * f64::from(k);
            let free = centres(radius, middle)
                .iter()
                .map(|c| free_distance(room, c.x, c.y, eye - 0.2))
                .fold(f64::INFINITY, f64::min);
            if free >= 0.2 && best.is_none_or(|b| free.min(0.4) > b.0) {
                best = Some((free.min(0.4), radius, middle));
            }
        }
        if best.is_some() {
            break;
        }
    }
    let Some((_, radius, middle)) = best else { return Vec::new() };
    let camera = |c: Point3| {
        let d = target - c;
        let flat = d.x.hypot(d.y);
        let pose = looking(c, math::atan2_deg(d.y, d.x), math::atan2_deg(d.z, flat));
        Camera { pose, pinhole, time: None }
    };
    centres(radius, middle).into_iter().map(camera).collect()
}

pub(crate) fn extent(room: &Room) -> ([f64; 2], [f64; 2]) {
    room.outline.iter().fold(([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]), |(lo, hi), p| {
        ([lo[0].min(p[0]), lo[1].min(p[1])], [hi[0].max(p[0]), hi[1].max(p[1])])
    })
}

/// The point of the world that a pixel shows.
pub(crate) fn back_project(camera: &Camera, x: usize, y: usize, depth: f64) -> Point3 {
    let k = &camera.pinhole;
    let q = Vec3::new(
        (x as f64 + 0.5 - k.cx) / k.fx * depth,
        (y as f64 + 0.5 - k.cy) / k.fy * depth,
        depth,
    );
    camera.pose.to_world(q)
}
