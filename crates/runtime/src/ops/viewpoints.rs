//! Views: standing, turning, stepping, looking. The formulas are `reasmory_scene`'s, which the checker uses
//! as well; here they meet the arena and the faults.

use reasmory_geom::math;
use reasmory_scene::viewpoint;

use crate::abi::{Direction, Extent, Photo, Place, Point, View};
use crate::place::{center, describe, photo};
use crate::{Fault, Run};

pub(super) fn stand(
    run: &mut Run<'_>,
    at: Place,
    facing: Option<Place>,
    heading: Option<f64>,
    eye: Option<f64>,
) -> Result<View, Fault> {
    let op = "stand";
    let m = run.manifest();
    let eye = m.standing_eye(center(run, &at, op)?, eye);
    match (facing, heading) {
        (Some(target), _) => m.facing(eye, center(run, &target, op)?).ok_or_else(|| {
            let (here, there) = (describe(run, &at), describe(run, &target));
            Fault::no_value(format!(
                "`{op}` has no direction: {here} and {there} are at the same place on the floor; face something else, or give `heading=`"
            ))
        }),
        (None, Some(h)) => Ok(View::level(eye, h)),
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
    Ok(viewpoint::turn(&v, to, by))
}

pub(super) fn step(
    run: &mut Run<'_>,
    v: View,
    to: Direction,
    by: Option<Extent>,
) -> Result<View, Fault> {
    Ok(run.manifest().step(&v, to, by))
}

pub(super) fn look_at(run: &mut Run<'_>, v: View, at: Place) -> Result<View, Fault> {
    let op = "look_at";
    let target = center(run, &at, op)?;
    run.manifest().look_at(&v, target).ok_or_else(|| {
        Fault::no_value(format!(
            "`{op}` has no direction: {} is right at the viewer's eye; step away first",
            describe(run, &at)
        ))
    })
}

pub(super) fn orbit(run: &mut Run<'_>, v: View, around: Place, by: f64) -> Result<View, Fault> {
    Ok(viewpoint::orbit(&v, center(run, &around, "orbit")?, by))
}

pub(super) fn midway(_: &mut Run<'_>, a: View, b: View) -> Result<View, Fault> {
    Ok(viewpoint::midway(&a, &b))
}

pub(super) fn view_at(run: &mut Run<'_>, t: f64) -> Result<View, Fault> {
    match run.manifest().photo_at(t) {
        Some(number) => Ok(photo(run, number)?.view()),
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

pub(super) fn heading_change(_: &mut Run<'_>, from: View, to: View) -> Result<f64, Fault> {
    Ok(math::wrap_deg(from.heading() - to.heading()))
}
