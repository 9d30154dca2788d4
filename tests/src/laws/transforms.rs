//! Laws between a scene and a changed one: what an expression gives in both.

/// A change of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// All is shifted along the floor.
    Shift,
    /// All is turned about the vertical.
    Turn,
    /// All, the floor too, is lifted.
    Lift,
    /// Left and right are swapped.
    Mirror,
    /// All is made larger or smaller; the scale is not known.
    Scale,
    /// The instances are numbered the other way around.
    Reorder,
    /// The memory states that its positions are noisy.
    Noise,
    /// A thing of another category is added in a corner.
    Add,
}

impl Change {
    /// All.
    pub const ALL: [Change; 8] = [
        Change::Shift,
        Change::Turn,
        Change::Lift,
        Change::Mirror,
        Change::Scale,
        Change::Reorder,
        Change::Noise,
        Change::Add,
    ];

    /// As in names of laws.
    pub const fn name(self) -> &'static str {
        match self {
            Change::Shift => "shifted",
            Change::Turn => "turned",
            Change::Lift => "lifted",
            Change::Mirror => "mirrored",
            Change::Scale => "scaled",
            Change::Reorder => "renumbered",
            Change::Noise => "noisy",
            Change::Add => "crowded",
        }
    }

    /// What is done.
    pub const fn says(self) -> &'static str {
        match self {
            Change::Shift => "all is shifted along the floor",
            Change::Turn => "all is turned about the vertical",
            Change::Lift => "all is lifted, the floor too",
            Change::Mirror => "left and right are swapped",
            Change::Scale => "all is scaled, in scene units",
            Change::Reorder => "instances are numbered the other way around",
            Change::Noise => "the memory states noise",
            Change::Add => "a thing of another category is added",
        }
    }
}

/// What a mirror does to an answer. A scaling multiplies quantities by its power of their length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirrored {
    /// Nothing.
    Same,
    /// Its sign changes; left and right are swapped; true becomes false.
    Swapped,
}

/// An expression, what it is called, and how it changes.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// Name.
    pub name: &'static str,
    /// Expression.
    pub program: &'static str,
    /// What a mirror does.
    pub mirrored: Mirrored,
    /// Changes that it does not outlive.
    pub except: &'static [Change],
}

const fn same(name: &'static str, program: &'static str) -> Subject {
    Subject { name, program, mirrored: Mirrored::Same, except: &[] }
}

const fn swapped(name: &'static str, program: &'static str) -> Subject {
    Subject { name, program, mirrored: Mirrored::Swapped, except: &[] }
}

/// Changes after which the cells of the floor lie elsewhere, or are others.
const ANOTHER_GRID: &[Change] =
    &[Change::Shift, Change::Turn, Change::Lift, Change::Mirror, Change::Scale, Change::Add];

/// The subjects. Each makes a law with each change.
#[rustfmt::skip]
pub const SUBJECTS: &[Subject] = &[
    same("distance", "distance(a, to=b)"),
    same("distance-of-a-list", "distance(xs, to=a)"),
    same("center-distance", "center_distance(a, to=b)"),
    same("horizontal-distance", "horizontal_distance(a, to=b)"),
    same("longest-side", "longest_side(a)"),
    same("volume", "volume(a)"),
    same("footprint", "footprint(a)"),
    same("footprint-overlap", "footprint_overlap(upper, lower)"),
    same("angle", "angle_at(a, b, c)"),
    same("height-above", "height_above(a, b)"),
    same("top-height", "top_height(a)"),
    same("floor-area", "floor_area(room())"),
    same("diagonal", "diagonal()"),
    same("elevation", "elevation(a, from=me)"),
    swapped("bearing", "bearing(a, from=me)"),
    swapped("local-right", "local(a, from=me).right"),
    same("local-forward", "local(a, from=me).forward"),
    swapped("side", "side(a, from=me)"),
    swapped("quadrant", "quadrant(a, from=me)"),
    swapped("turn-needed", "turn_needed(from=me, toward=a)"),
    swapped("left-of", "is_left_of(a, b, from=me)"),
    swapped("left-of-for-an-observer", "is_left_of(a, b, as_seen_facing=s)"),
    same("in-front-of", "is_in_front_of(a, b, from=me)"),
    same("on", "is_on(upper, lower)"),
    same("above", "is_above(lifted, b)"),
    same("inside", "is_inside(inner, outer)"),
    same("touching", "is_touching(upper, lower)"),
    same("between", "is_between(a, b, c)"),
    same("facing", "is_facing(s, a)"),
    same("near", "is_near(a, b)"),
    same("step-forward", "distance(me.step(forward), to=a)"),
    same("turn-and-step", "distance(me.turn(back).step(forward), to=a)"),
    swapped("bearing-after-a-walk", "bearing(a, from=me.turn(front).step(forward))"),
    same("orbit", "distance(me.orbit(around=a, by=180deg), to=b)"),
    same("midway", "distance(midway(me, v), to=a)"),
    same("nearest", "distance(xs.nearest(to=a), to=a)"),
    same("farthest", "distance(xs.farthest(to=a), to=a)"),
    same("number-of-chairs", "xs.count()"),
    same("tallest-height", "height(xs.max_by(o => height(o)))"),
    swapped("heading-change", "heading_change(v, w)"),
    Subject { except: ANOTHER_GRID, ..same("walking-distance", "walking_distance(a, to=b)") },
    Subject { except: &[Change::Add], ..same("clearance", "clearance(a)") },
    Subject { except: &[Change::Add], ..same("total-volume", "every.map(o => volume(o)).sum()") },
];

/// What an added thing does not make larger.
#[derive(Clone, Copy, Debug)]
pub struct NotMore {
    /// Name.
    pub name: &'static str,
    /// Expression.
    pub program: &'static str,
    /// Whether it holds of boxes only: what points hide is estimated from how far apart all of them are.
    pub boxes: bool,
}

const fn not_more(name: &'static str, program: &'static str, boxes: bool) -> NotMore {
    NotMore { name, program, boxes }
}

/// What an added thing does not make larger.
pub const NOT_MORE: &[NotMore] = &[
    not_more("crowded-clearance-shrinks", "clearance(a)", false),
    not_more("crowded-view-shrinks", "visible_fraction(a, from=v)", true),
    not_more("crowded-view-of-another-shrinks", "visible_fraction(b, from=w)", true),
    not_more("crowded-photos-shrink", "photos_seeing([a]).count()", true),
];
