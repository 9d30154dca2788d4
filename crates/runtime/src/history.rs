//! How a program got to a view: the words of a caption. A view is a value without a past, so the run
//! remembers, per view, which operation made it from what.

use std::collections::BTreeMap;

use reasmory_geom::View;
use reasmory_ops::OpId;
use reasmory_types::Direction;

use crate::abi::{FromSlot as _, Photo, Place};
use crate::{ABSENT, Run, Slot, place::describe};

/// Views remembered; a program that makes more gets captions without a past.
const MOST: usize = 4096;

/// What a view is told apart by.
type Key = [u64; 7];

fn key(v: &View) -> Key {
    [v.eye.x, v.eye.y, v.eye.z, f64::from(v.quarters), v.residual, v.pitch, v.roll]
        .map(f64::to_bits)
}

/// The views of a run and how each came about.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<Key, String>);

impl History {
    /// How the program got to a view; `None` for one it did not make.
    pub(crate) fn of(&self, view: &View) -> Option<&str> {
        self.0.get(&key(view)).map(String::as_str)
    }

    pub(crate) fn remember(&mut self, view: &View, text: String) {
        if self.0.len() < MOST {
            self.0.insert(key(view), text);
        }
    }
}

fn way(d: Direction) -> &'static str {
    match d {
        Direction::Back => "around",
        other => other.spoken(),
    }
}

/// The words for a view that `op` has just made of `args`; `None` where the operation makes no view.
pub(crate) fn words(run: &Run<'_>, op: OpId, args: &[Slot]) -> Option<String> {
    let a = &run.arena;
    let arg = |i: usize| args.get(i).copied().filter(|s| *s != ABSENT);
    let place = |i: usize| Place::from_slot(arg(i)?, a).ok().map(|p| describe(run, &p));
    let number = |i: usize| Some(f64::from_bits(arg(i)?));
    let direction = |i: usize| Direction::from_index(arg(i)?);
    let before = || {
        let v = View::from_slot(arg(0)?, a).ok()?;
        Some(run.history().of(&v).unwrap_or("a view").to_owned())
    };
    let unit = if run.manifest().scale.is_metric() { " m" } else { " units" };
    Some(match op {
        OpId::Stand => {
            let at = place(0)?;
            match (place(1), number(2)) {
                (Some(facing), _) => format!("standing at {at}, facing {facing}"),
                (None, Some(heading)) => format!("standing at {at}, heading {heading:.0}°"),
                _ => format!("standing at {at}"),
            }
        }
        OpId::View => format!("photo {}", Photo::from_slot(arg(0)?, a).ok()?.0),
        OpId::ViewAt => format!("the photo nearest to {:.2} s", number(0)?),
        OpId::Turn => {
            let by = number(2).map_or(String::new(), |d| format!(" by {d:.0}°"));
            format!("{}, then turned {}{by}", before()?, way(direction(1)?))
        }
        OpId::Step => {
            let by = number(2).unwrap_or_else(|| run.manifest().step_length());
            format!("{}, then {by:.2}{unit} {}", before()?, direction(1)?.spoken())
        }
        OpId::LookAt => format!("{}, then looking at {}", before()?, place(1)?),
        OpId::Orbit => {
            format!("{}, then {:.0}° around {}", before()?, number(2)?, place(1)?)
        }
        OpId::Midway => {
            let other = View::from_slot(arg(1)?, a).ok()?;
            let other = run.history().of(&other).unwrap_or("a view");
            format!("halfway between {} and {other}", before()?)
        }
        _ => return None,
    })
}
