//! What is different between two memories of one scene.

use std::fmt;

use crate::{Instance, Manifest};

/// Distance of two boxes' middles, in units of their mean half diagonal, up to which they may be one thing.
const SAME: f64 = 0.5;
/// Relative tolerance of lengths that are equal.
const EQUAL: f64 = 1e-9;

/// A difference, in the words of the command line.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// An instance that only the second has: its name there.
    Added(String),
    /// An instance that only the first has: its name there.
    Removed(String),
    /// One thing with another category: names in the first and the second.
    Renamed(String, String),
    /// One thing elsewhere: name in the second, how far its middle moved.
    Moved(String, f64),
    /// One thing of another size: name in the second, lengths along its axes before and after.
    Resized(String, [f64; 3], [f64; 3]),
    /// Anything else: what, before, after.
    Other(&'static str, String, String),
}

impl Difference {
    /// What kind it is, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Difference::Added(_) => "added",
            Difference::Removed(_) => "removed",
            Difference::Renamed(..) => "renamed",
            Difference::Moved(..) => "moved",
            Difference::Resized(..) => "resized",
            Difference::Other(what, ..) => what,
        }
    }
}

fn lengths(l: &[f64; 3]) -> String {
    l.map(|x| format!("{x:.3}")).join(" × ")
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Added(n) | Difference::Removed(n) => f.write_str(n),
            Difference::Renamed(a, b) => write!(f, "{a} is {b}"),
            Difference::Moved(n, by) => write!(f, "{n} by {by:.3}"),
            Difference::Resized(n, a, b) => write!(f, "{n} from {} to {}", lengths(a), lengths(b)),
            Difference::Other(_, a, b) => write!(f, "{a} became {b}"),
        }
    }
}

/// Pairs of instances that are one thing: the nearest first, each at most once.
fn pair(
    a: &Manifest,
    b: &Manifest,
    left: &mut [Option<u32>],
    taken: &mut [bool],
    may: impl Fn(&Instance, &Instance) -> bool,
) {
    let mut pairs = Vec::new();
    for i in a.instances.iter().filter(|i| left[i.id as usize - 1].is_none()) {
        for j in b.instances.iter().filter(|j| !taken[j.id as usize - 1] && may(i, j)) {
            let size = 0.5 * (i.obb.half.norm() + j.obb.half.norm());
            let off = (i.obb.center - j.obb.center).norm();
            if off <= SAME * size || off == 0.0 {
                // Of two at one place the one of the nearer size.
                let odd = (i.obb.half - j.obb.half).norm();
                pairs.push((off + odd, i.id, j.id));
            }
        }
    }
    pairs.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    for (_, i, j) in pairs {
        let (i, j) = (i as usize - 1, j as usize - 1);
        if left[i].is_none() && !taken[j] {
            left[i] = Some(j as u32 + 1);
            taken[j] = true;
        }
    }
}

/// What is different in `b`, compared with `a`. Instances are one thing where their categories are the same and their
/// boxes lie nearer than half their size; after that, where only the boxes do.
pub fn diff(a: &Manifest, b: &Manifest) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut other = |what, x: String, y: String| {
        if x != y {
            out.push(Difference::Other(what, x, y));
        }
    };
    other("name", a.name.clone(), b.name.clone());
    let scale = |m: &Manifest| {
        format!("{} ({})", if m.scale.is_metric() { "metric" } else { "relative" }, m.scale.source)
    };
    other("scale", scale(a), scale(b));
    other("uncertainty", a.uncertainty.position.to_string(), b.uncertainty.position.to_string());
    other("points", a.points.to_string(), b.points.to_string());
    other("photos", a.photos.len().to_string(), b.photos.len().to_string());
    let room = |m: &Manifest| match &m.room {
        None => "unknown".to_owned(),
        Some(r) => {
            let known = |x: Option<f64>| x.map_or("unknown".to_owned(), |x| format!("{x:.6}"));
            format!(
                "floor at {:.6}, ceiling {}, area {}, {} corners",
                r.floor,
                known(r.ceiling),
                known(r.area()),
                r.outline.len()
            )
        }
    };
    other("room", room(a), room(b));
    let stated = |m: &Manifest| {
        let all =
            m.categories.iter().filter_map(|c| Some(format!("{} {}", c.stated_count?, c.name)));
        all.collect::<Vec<_>>().join(", ")
    };
    other("stated counts", stated(a), stated(b));

    let mut left = vec![None; a.instances.len()];
    let mut taken = vec![false; b.instances.len()];
    pair(a, b, &mut left, &mut taken, |i, j| i.category == j.category);
    pair(a, b, &mut left, &mut taken, |_, _| true);
    for i in &a.instances {
        let Some(j) = left[i.id as usize - 1].and_then(|j| b.instance(j)) else {
            out.push(Difference::Removed(a.instance_name(i.id)));
            continue;
        };
        let name = b.instance_name(j.id);
        if i.category != j.category {
            out.push(Difference::Renamed(a.instance_name(i.id), name.clone()));
        }
        let size = i.obb.half.norm().max(j.obb.half.norm());
        let off = (i.obb.center - j.obb.center).norm();
        if off > EQUAL * (size + i.obb.center.coords.norm()) {
            out.push(Difference::Moved(name.clone(), off));
        }
        if (i.obb.half - j.obb.half).norm() > EQUAL * size {
            let of = |i: &Instance| i.obb.lengths().into();
            out.push(Difference::Resized(name, of(i), of(j)));
        }
    }
    let new = b.instances.iter().filter(|j| !taken[j.id as usize - 1]);
    out.extend(new.map(|j| Difference::Added(b.instance_name(j.id))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;
    use reasmory_geom::{Obb, Point3, Vec3};

    fn scene(things: &[(&str, f64, f64)]) -> Manifest {
        let mut m = Manifest::empty("room", "test", Scale::metric("test"));
        for (n, (category, x, side)) in (1u32..).zip(things) {
            m.instances.push(Instance {
                id: n,
                category: (*category).into(),
                obb: Obb::upright(Point3::new(*x, 0.0, 0.0), Vec3::repeat(*side), 0.0),
                confidence: 1.0,
                support: 0,
                front: None,
                seen_in: vec![],
            });
        }
        m.index_categories();
        m
    }

    #[test]
    fn things_are_followed() {
        let a = scene(&[
            ("chair", 0.0, 1.0),
            ("chair", 5.0, 1.0),
            ("couch", 9.0, 2.0),
            ("cup", 20.0, 0.1),
        ]);
        assert!(diff(&a, &a).is_empty());
        let mut b = scene(&[
            ("sofa", 9.0, 2.0),
            ("chair", 5.2, 1.0),
            ("chair", 0.0, 1.1),
            ("lamp", 30.0, 1.0),
        ]);
        b.points = 7;
        let said: Vec<String> = diff(&a, &b).iter().map(|d| format!("{}: {d}", d.kind())).collect();
        assert_eq!(
            said,
            [
                "points: 0 became 7",
                "resized: chair #2 from 1.000 × 1.000 × 1.000 to 1.100 × 1.100 × 1.100",
                "moved: chair #1 by 0.200",
                "renamed: couch is sofa",
                "removed: cup",
                "added: lamp",
            ]
        );
    }
}
