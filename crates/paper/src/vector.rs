//! Vectors: positions and directions, queried or written as three numbers.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;

use crate::arguments::Given;
use crate::plan::Cx;
use crate::value::{Axis, Coordinates, Frame, Item, Place, Value};

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Position,
    Direction,
}

/// A vector that fits its parameter.
#[derive(Clone, Debug)]
pub(crate) enum Vector {
    Place(Place, Span),
    Axis(Frame, Axis, Span),
    /// In the frame of the current viewpoint: right, down, forward.
    Numbers([f64; 3], Span),
}

impl Cx<'_> {
    /// A vector argument; `None` where it was reported. `other` is the parameter that takes the other kind.
    pub(crate) fn vector(
        &mut self,
        given: &Given,
        param: &str,
        role: Role,
        other: Option<&str>,
    ) -> Option<Vector> {
        let item = &given.item;
        self.current(item);
        let takes = match role {
            Role::Position => format!("`{param}` takes a position"),
            Role::Direction => format!("`{param}` takes a direction"),
        };
        match &item.value {
            Value::Vector(Coordinates::Position(p), _) if role == Role::Position => {
                Some(Vector::Place(p.clone(), item.span))
            }
            Value::Vector(Coordinates::Direction(f, a), _) if role == Role::Direction => {
                Some(Vector::Axis(*f, *a, item.span))
            }
            Value::Vector(..) => {
                self.other_kind(given, &takes, role, other);
                None
            }
            Value::List(_) | Value::Tuple(_) => self.numbers(item, param, &takes),
            value => {
                let help = match value {
                    Value::Poses(..) => {
                        "choose one pose and its part: `[0][\"position\"]`".to_owned()
                    }
                    Value::Pose(..) => {
                        let key = if role == Role::Position { "position" } else { "forward" };
                        let key = format!("[\"{key}\"]");
                        if let Some(d) = self.mismatch(item, &takes) {
                            self.report(d.help(format!("read it from the pose: `{key}`")).fix(
                                Applicability::Safe,
                                format!("read `{key}`"),
                                Span::at(item.span.end),
                                key,
                            ));
                        }
                        return None;
                    }
                    Value::Map(..) => "choose one object: `objects[\"chair\"][0]`".to_owned(),
                    Value::Positions(c, _) => format!(
                        "choose one: `[0]`, or `safe_select(…, obj_name=\"{}\", …)[\"position\"]`",
                        c.value
                    ),
                    Value::Selected(..) => {
                        if role == Role::Position
                            && let Some(d) = self.mismatch(item, &takes)
                        {
                            self.report(d.help("read its position: `[\"position\"]`").fix(
                                Applicability::Safe,
                                "read `[\"position\"]`",
                                Span::at(item.span.end),
                                "[\"position\"]",
                            ));
                            return None;
                        }
                        "look at it instead: `look_at=…[\"position\"]`".to_owned()
                    }
                    Value::Inputs | Value::Input(_) => {
                        "query where the camera stands: `query_camera_pose`".to_owned()
                    }
                    _ if role == Role::Position => {
                        "pass a queried position, as of `query_camera_pose`".to_owned()
                    }
                    _ => "pass a camera's `[\"forward\"]`, or use `look_at=`".to_owned(),
                };
                self.wrong(item, &takes, &help);
                None
            }
        }
    }

    /// A position where a direction is taken, or the other way about.
    fn other_kind(&mut self, given: &Given, takes: &str, role: Role, other: Option<&str>) {
        let Some(mut d) = self.mismatch(&given.item, takes) else { return };
        d = match (role, other) {
            (_, Some(other)) => d.help(format!("give it as `{other}=`")).fix(
                Applicability::Unsafe,
                format!("give it as `{other}=`"),
                given.name,
                other,
            ),
            (Role::Position, None) => d.help("pass the `[\"position\"]` of a pose or of an object"),
            (Role::Direction, None) => d.help("pass a camera's direction"),
        };
        self.report(d);
    }

    fn numbers(&mut self, item: &Item, param: &str, takes: &str) -> Option<Vector> {
        let members = item.value.members()?.to_vec();
        let mut numbers = Vec::new();
        for m in &members {
            match m.value {
                Value::Int(i) => numbers.push(i as f64),
                Value::Float(x) => numbers.push(x),
                Value::Error => return None,
                Value::Unknown(_) => {
                    self.unsupported(
                        m.span,
                        "a vector put together from single coordinates",
                        "pass the queried vector as a whole",
                    );
                    return None;
                }
                Value::Vector(..) => {
                    let d = self.mismatch(item, takes);
                    if let Some(d) = d {
                        self.report(d.help("pass one vector, not a list of them"));
                    }
                    return None;
                }
                _ => {
                    self.wrong(m, &format!("`{param}` is made of numbers"), "write a number");
                    return None;
                }
            }
        }
        match <[f64; 3]>::try_from(numbers) {
            Ok(v) => Some(Vector::Numbers(v, item.span)),
            Err(v) => {
                self.report(
                    Diagnostic::new(
                        Code::TypeMismatch,
                        item.span,
                        format!("`{param}` takes three numbers, and this has {}", v.len()),
                    )
                    .label("not a vector of three")
                    .help("write `[right, down, forward]`")
                    .fact("found", v.len()),
                );
                None
            }
        }
    }

    /// A direction that leads nowhere.
    pub(crate) fn no_direction(&mut self, at: Span, message: &str, label: &str, help: &str) {
        self.report(Diagnostic::new(Code::NoDirection, at, message).label(label).help(help));
    }
}
