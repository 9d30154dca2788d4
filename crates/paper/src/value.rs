//! What a plan's expressions are worth before anything runs: not numbers, but which photo's pose, which
//! object's position, which picture.

use reasmory_span::Span;
use reasmory_syntax::ast::Expr;

/// Where and when coordinates were queried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// How many moves of the viewpoint came before.
    pub(crate) epoch: usize,
    /// The query.
    pub(crate) query: Span,
    /// The statement it stands in.
    pub(crate) statement: Span,
}

/// A text literal.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
    /// Whether the source between the quotes is the value, character by character.
    pub(crate) plain: bool,
}

/// An input photo by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// From 1.
    pub(crate) number: i64,
    /// Where the number is written.
    pub(crate) span: Span,
    /// What reads it: a tool's name, or `input_images`.
    pub(crate) reader: Span,
}

/// A camera's axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    Forward,
    Right,
    Up,
}

/// An object that `safe_select` chose.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// Its name in the translation.
    pub(crate) name: String,
    pub(crate) category: Text,
}

/// Something with a position.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Camera(Frame),
    /// One of a category's instances.
    Nth {
        category: Text,
        /// As in Python: from 0, or from the end.
        index: i64,
        index_span: Span,
    },
    Chosen(Chosen),
}

/// A position or a direction in the frame of the viewpoint it was queried in.
#[derive(Clone, Debug)]
pub(crate) enum Coordinates {
    Position(Place),
    Direction(Frame, Axis),
}

/// A value with the place it is written at.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) value: Value,
    pub(crate) span: Span,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Reported already, or made by something that was.
    Error,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text),
    /// A scalar that only a run knows.
    Unknown(&'static str),
    /// `input_images`
    Inputs,
    /// `input_video`
    Video,
    /// One of the input images.
    Input(Frame),
    Memory,
    Session,
    MetaInfo,
    Poses(Vec<Frame>, Origin),
    Pose(Frame, Origin),
    Vector(Coordinates, Origin),
    /// Queried categories.
    Map(Vec<Text>, Origin),
    /// Positions of all instances of one category.
    Positions(Text, Origin),
    /// What `safe_select` gives.
    Selected(Chosen, Origin),
    /// The index of a selected instance.
    InstanceOf(Chosen),
    /// What moving the viewpoint gives.
    Moved,
    /// A picture, as the expression that draws it.
    Image(Expr),
    /// What `render_semantic_bev` gives.
    Semantic(Expr),
    List(Vec<Item>),
    Tuple(Vec<Item>),
    Dict(Vec<(Text, Item)>),
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Value::Error => "something that is wrong".into(),
            Value::None => "`None`".into(),
            Value::Bool(true) => "`True`".into(),
            Value::Bool(false) => "`False`".into(),
            Value::Int(_) | Value::Float(_) => "a number".into(),
            Value::Text(_) => "a text".into(),
            Value::Unknown(what) => (*what).into(),
            Value::Inputs => "the list of input images".into(),
            Value::Video => "the input video".into(),
            Value::Input(_) => "an input image".into(),
            Value::Memory => "the memory's record".into(),
            Value::Session => "the session id".into(),
            Value::MetaInfo => "the memory's `meta_info`".into(),
            Value::Poses(..) => "a list of camera poses".into(),
            Value::Pose(..) => "a camera pose".into(),
            Value::Vector(Coordinates::Position(p), _) => match p {
                Place::Camera(_) => "a camera's position".into(),
                Place::Nth { category, .. } => format!("the position of a `{}`", category.value),
                Place::Chosen(c) => format!("the position of a `{}`", c.category.value),
            },
            Value::Vector(Coordinates::Direction(..), _) => "a camera's direction".into(),
            Value::Map(..) => "the map of queried objects".into(),
            Value::Positions(c, _) => format!("the list of all positions of `{}`", c.value),
            Value::Selected(..) => "a selected object".into(),
            Value::InstanceOf(_) => "an instance number".into(),
            Value::Moved => "a viewpoint tool's message".into(),
            Value::Image(_) => "a picture".into(),
            Value::Semantic(_) => "a semantic view's record".into(),
            Value::List(_) => "a list".into(),
            Value::Tuple(_) => "a tuple".into(),
            Value::Dict(_) => "a dictionary".into(),
        }
    }

    /// When the coordinates in it were queried.
    pub(crate) fn origin(&self) -> Option<Origin> {
        match self {
            Value::Poses(_, o)
            | Value::Pose(_, o)
            | Value::Vector(_, o)
            | Value::Map(_, o)
            | Value::Positions(_, o)
            | Value::Selected(_, o) => Some(*o),
            _ => None,
        }
    }

    /// The members of a list or tuple that is written out.
    pub(crate) fn members(&self) -> Option<&[Item]> {
        match self {
            Value::List(items) | Value::Tuple(items) => Some(items),
            _ => None,
        }
    }
}
