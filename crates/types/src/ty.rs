//! Types.

use std::fmt;

use crate::Dim;

/// A type of the language. [`Ty::Error`] absorbs: it fits everything, so one mistake gives one message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ty {
    /// Poison: the type of something already reported.
    Error,
    /// Truth value.
    Bool,
    /// 64-bit signed integer; overflow is a run-time error.
    Int,
    /// A real number with a dimension, in canonical units; `Number` is dimensionless.
    Quantity(Dim),
    /// Text.
    Text,
    /// A text literal whose use decides whether it is a Category, a Direction or Text.
    Noun,
    /// A category of the memory (a label).
    Category,
    /// A direction symbol.
    Direction,
    /// A position in the world frame.
    Point,
    /// A displacement or direction in the world frame.
    Vector,
    /// A point as right/up/forward lengths, tied to one view.
    Local,
    /// Extents of an instance: length, width, height.
    Size,
    /// An oriented bounding box.
    Box,
    /// An instance in the memory.
    Object,
    /// An instance over time.
    Track,
    /// An input photo, 1-based.
    Photo,
    /// A pose with a lens.
    View,
    /// A walkable polyline.
    Route,
    /// A room, a floor or a wall.
    Region,
    /// A rendered picture.
    Image,
    /// Something that can be drawn as a mark.
    Mark,
    /// Anything that is somewhere: Object, objects, Point, View, Photo, Region. Only in signatures.
    Place,
    /// A Length, or a percentage of the room's diagonal. Only in signatures.
    Extent,
    /// A finite list.
    List(Box<Ty>),
    /// A group of `group_by`: a key and its members.
    Group(Box<Ty>, Box<Ty>),
    /// A function argument; only in signatures.
    Fn(Vec<Ty>, Box<Ty>),
    /// A type variable of a signature. `Q` stands for Int or any quantity, `K` for anything ordered.
    Var(char),
}

/// A record type's fields, each a quantity read without parentheses.
pub struct Record {
    /// Field names and dimensions, in storage order.
    pub fields: &'static [(&'static str, Dim)],
}

impl Ty {
    /// Dimensionless number.
    pub const NUMBER: Ty = Ty::Quantity(Dim::NONE);
    /// Length.
    pub const LENGTH: Ty = Ty::Quantity(Dim::LENGTH);
    /// Area.
    pub const AREA: Ty = Ty::Quantity(Dim::AREA);
    /// Volume.
    pub const VOLUME: Ty = Ty::Quantity(Dim::VOLUME);
    /// Angle.
    pub const ANGLE: Ty = Ty::Quantity(Dim::ANGLE);
    /// Time.
    pub const TIME: Ty = Ty::Quantity(Dim::TIME);

    /// A list of `self`.
    #[must_use]
    pub fn list(self) -> Ty {
        Ty::List(Box::new(self))
    }

    /// The fields of a record type.
    pub fn record(&self) -> Option<Record> {
        const L: Dim = Dim::LENGTH;
        let fields: &'static [(&'static str, Dim)] = match self {
            Ty::Point | Ty::Vector => &[("x", L), ("y", L), ("z", L)],
            Ty::Local => &[("right", L), ("up", L), ("forward", L)],
            Ty::Size => &[("length", L), ("width", L), ("height", L)],
            _ => return None,
        };
        Some(Record { fields })
    }

    /// The type with this name in program text. `List<…>`, `fn(…)` and `?` are the signature parser's.
    pub fn named(name: &str) -> Option<Ty> {
        if let Some(dim) = Dim::from_name(name) {
            return Some(Ty::Quantity(dim));
        }
        Some(match name {
            "Bool" => Ty::Bool,
            "Int" => Ty::Int,
            "Text" => Ty::Text,
            "Category" => Ty::Category,
            "Direction" => Ty::Direction,
            "Point" => Ty::Point,
            "Vector" => Ty::Vector,
            "Local" => Ty::Local,
            "Size" => Ty::Size,
            "Box" => Ty::Box,
            "Object" => Ty::Object,
            "Track" => Ty::Track,
            "Photo" => Ty::Photo,
            "View" => Ty::View,
            "Route" => Ty::Route,
            "Region" => Ty::Region,
            "Image" => Ty::Image,
            "Mark" => Ty::Mark,
            "Place" => Ty::Place,
            "Extent" => Ty::Extent,
            _ => return None,
        })
    }

    /// Names accepted by [`Ty::named`], for did-you-mean and documentation.
    pub const NAMES: &'static [&'static str] = &[
        "Bool",
        "Int",
        "Number",
        "Length",
        "Area",
        "Volume",
        "Angle",
        "Time",
        "Speed",
        "AngularSpeed",
        "Text",
        "Category",
        "Direction",
        "Point",
        "Vector",
        "Local",
        "Size",
        "Box",
        "Object",
        "Track",
        "Photo",
        "View",
        "Route",
        "Region",
        "Image",
        "Mark",
        "Place",
        "List",
    ];

    /// Whether `Error` occurs anywhere inside.
    pub fn has_error(&self) -> bool {
        match self {
            Ty::Error => true,
            Ty::List(t) => t.has_error(),
            Ty::Group(a, b) => a.has_error() || b.has_error(),
            Ty::Fn(ps, r) => ps.iter().any(Ty::has_error) || r.has_error(),
            _ => false,
        }
    }

    /// Whether two values can be the same one: what `contains` looks for and `group_by` groups by.
    pub fn has_identity(&self) -> bool {
        match self {
            Ty::Bool
            | Ty::Int
            | Ty::Quantity(_)
            | Ty::Text
            | Ty::Noun
            | Ty::Category
            | Ty::Direction
            | Ty::Object
            | Ty::Photo
            | Ty::Region => true,
            Ty::List(t) => t.has_identity(),
            _ => false,
        }
    }

    /// Whether values are 64-bit floats at run time.
    pub fn is_float(&self) -> bool {
        matches!(self, Ty::Quantity(_))
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Quantity(d) => write!(f, "{d}"),
            Ty::List(t) => write!(f, "List<{t}>"),
            Ty::Group(k, t) => write!(f, "Group<{k}, {t}>"),
            Ty::Fn(ps, r) => {
                f.write_str("fn(")?;
                for (i, p) in ps.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{p}")?;
                }
                write!(f, ") -> {r}")
            }
            Ty::Var(c) => write!(f, "{c}"),
            Ty::Error => f.write_str("?"),
            Ty::Noun => f.write_str("text literal"),
            other => write!(f, "{other:?}"),
        }
    }
}
