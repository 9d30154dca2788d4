//! Views: standing, turning, stepping, looking.

use reasmory_geom::{Point3, Turn, UP, math};

use crate::abi::{Direction, Extent, Photo, Place, Point, View};
use crate::place::{center, describe, photo};
use crate::{Fault, Run};

/// Degrees of a turn up or down without an angle.
const TILT: f64 = 45.0;

pub(super) fn stand(
    run: &mut Run<'_>,
    at: Place,
    facing: Option<Place>,
    heading: Option<f64>,
    eye: Option<f64>,
) -> Result<View, Fault> {
    let op = "stand";
    let m = run.manifest();
    let foot = center(run, &at, op)?;
    let eye = Point3::new(foot.x, foot.y, m.floor() + eye.unwrap_or_else(|| m.eye_height()));
    match (facing, heading) {
        (Some(target), _) => {
            let to = center(run, &target, op)?;
            reasmory_geom::View::facing(eye, to, m.no_side()).ok_or_else(|| {
                let (here, there) = (describe(run, &at), describe(run, &target));
                Fault::no_value(format!(
                    "`{op}` has no direction: {here} and {there} are at the same place on the floor; face something else, or give `heading=`"
                ))
            })
        }
        (None, Some(h)) => Ok(reasmory_geom::View::level(eye, h)),
        (None, None) => Err(Fault::no_value(format!(
            "`{op}` needs a direction: give `facing=` a place or `heading=` an angle"
        ))),
    }
}

pub(super) fn view(run: &mut Run<'_>, p: Photo) -> Result<View, Fault> {
    Ok(photo(run, p.0)?.view())
}

pub(super) fn turn(
    _: &mut Run<'_>,
    v: View,
    to: Direction,
    by: Option<f64>,
) -> Result<View, Fault> {
    let turn = match to {
        Direction::Up => Turn::Up(by.unwrap_or(TILT)),
        Direction::Down => Turn::Up(-by.unwrap_or(TILT)),
        horizontal => {
            let center = horizontal.sector_center().unwrap_or(0.0);
            let right = match by {
                // Ahead is where the view looks already, whatever the angle.
                _ if center == 0.0 => return Ok(v),
                None => center,
                // An angle keeps the hand of the direction; back turns by the right.
                Some(angle) => angle * center.signum(),
            };
            Turn::Left(-right)
        }
    };
    Ok(v.turned(turn))
}

pub(super) fn step(
    run: &mut Run<'_>,
    v: View,
    to: Direction,
    by: Option<Extent>,
) -> Result<View, Fault> {
    let by = by.unwrap_or_else(|| run.manifest().step());
    let way = match to {
        Direction::Up => UP,
        Direction::Down => -UP,
        horizontal => match horizontal.sector_center() {
            None => return Ok(v),
            Some(a) => v.forward_level() * math::cos_deg(a) + v.right_level() * math::sin_deg(a),
        },
    };
    Ok(v.moved(way * by))
}

pub(super) fn look_at(run: &mut Run<'_>, v: View, at: Place) -> Result<View, Fault> {
    let op = "look_at";
    let target = center(run, &at, op)?;
    let least = run.manifest().no_side();
    let aimed = reasmory_geom::View::looking_at(v.eye, target, least).ok_or_else(|| {
        Fault::no_value(format!(
            "`{op}` has no direction: {} is right at the viewer's eye; step away first",
            describe(run, &at)
        ))
    })?;
    // Straight up or down has no heading of its own; the view keeps the one it has.
    if (target - v.eye).xy().norm() < least {
        return Ok(View { pitch: aimed.pitch, roll: 0.0, ..v });
    }
    Ok(View { lens: v.lens, ..aimed })
}

pub(super) fn orbit(run: &mut Run<'_>, v: View, around: Place, by: f64) -> Result<View, Fault> {
    let middle = center(run, &around, "orbit")?;
    let (c, s) = (math::cos_deg(by), math::sin_deg(by));
    let d = v.eye - middle;
    let eye = Point3::new(middle.x + c * d.x - s * d.y, middle.y + s * d.x + c * d.y, v.eye.z);
    Ok(View { eye, ..v.turned(Turn::Left(by)) })
}

pub(super) fn midway(_: &mut Run<'_>, a: View, b: View) -> Result<View, Fault> {
    let halfway = |from: f64, to: f64| 0.5 * math::wrap_deg(to - from);
    let turned = a.turned(Turn::Left(halfway(a.heading(), b.heading())));
    Ok(View {
        eye: halfway_point(a.eye, b.eye),
        pitch: 0.5 * (a.pitch + b.pitch),
        roll: math::wrap_deg(a.roll + halfway(a.roll, b.roll)),
        ..turned
    })
}

/// The point halfway between two.
fn halfway_point(a: Point3, b: Point3) -> Point3 {
    a + (b - a) * 0.5
}

pub(super) fn view_at(run: &mut Run<'_>, t: f64) -> Result<View, Fault> {
    let mut best: Option<(f64, u32)> = None;
    for p in &run.manifest().photos {
        if let Some(time) = p.time {
            let off = (time - t).abs();
            if best.is_none_or(|b| off < b.0) {
                best = Some((off, p.number));
            }
        }
    }
    match best {
        Some((_, number)) => Ok(photo(run, number)?.view()),
        None => Err(Fault::no_value(
            "`view_at` has no value: the photos of this memory have no times; use photo(number).view()",
        )),
    }
}

pub(super) fn eye(_: &mut Run<'_>, v: View) -> Result<Point, Fault> {
    Ok(Point(v.eye))
}

pub(super) fn view_heading(_: &mut Run<'_>, v: View) -> Result<f64, Fault> {
    Ok(v.heading())
}
