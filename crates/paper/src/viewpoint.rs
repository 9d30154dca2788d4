//! The viewpoint: setting, turning and stepping, each giving a new view.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_geom::math;
use reasmory_span::Span;
use reasmory_syntax::ast::Expr as Tree;

use crate::arguments::Call;
use crate::emit;
use crate::plan::{Cx, Move, View};
use crate::queries::{photo, place};
use crate::value::{Axis, Frame, Item, Place, Value};
use crate::vector::{Role, Vector};

const STEPS: &[&str] = &["forward", "backward", "left", "right", "up", "down"];
const TURNS: &[&str] = &["left", "right", "up", "down", "back"];

/// Where a view looks.
enum Aim {
    Axis(Frame, Axis),
    /// Right and forward, in the current viewpoint's frame.
    Ahead(f64, f64, Span),
    At(Vector),
}

impl Cx<'_> {
    // ---- set_viewpoint ----

    pub(crate) fn set_viewpoint(&mut self, call: &Call) -> Value {
        let stale = self.stale_count();
        let forward = call.get("forward").cloned();
        let look_at = call.get("look_at").cloned();
        let origin = call
            .get("origin")
            .cloned()
            .and_then(|g| self.vector(&g, "origin", Role::Position, None));
        let mut aim = None;
        if let Some(g) = &forward {
            aim = self
                .vector(
                    g,
                    "forward",
                    Role::Direction,
                    Some("look_at").filter(|_| look_at.is_none()),
                )
                .and_then(|v| self.aim(v));
        }
        if let Some(g) = &look_at {
            let other = Some("forward").filter(|_| forward.is_none());
            aim = self.vector(g, "look_at", Role::Position, other).map(Aim::At);
        }
        if let Some(g) = call.get("up").cloned() {
            let up = self.vector(&g, "up", Role::Direction, None);
            self.upright(&g.item, up.as_ref());
        }
        match (&forward, &look_at) {
            (Some(a), Some(b)) => self.report(
                Diagnostic::new(
                    Code::ArgumentGroup,
                    b.name,
                    "`forward` and `look_at` exclude each other",
                )
                .label("one too many")
                .also(a.name, "already given")
                .help("keep the one that is meant"),
            ),
            (None, None) => self.report(
                Diagnostic::new(
                    Code::ArgumentGroup,
                    call.at,
                    "`set_viewpoint` needs one of `forward` and `look_at`",
                )
                .label("which way does it look?")
                .help("give `look_at=` a position or `forward=` a camera's direction"),
            ),
            _ => {}
        }
        let view = match (origin, aim) {
            (Some(o), Some(a)) => self.placed(call, o, a),
            _ => None,
        };
        // What it was set from was looked at above; the rest of the moves before it are lost. Where that is
        // because of what was reported, it is said already.
        if self.stale_count() > stale || view.is_none() {
            self.observed();
        }
        self.unobserved(Some(call.at));
        let view = view.map_or(View::Unknown, View::Known);
        self.moved(Move { span: call.at, tool: call.def.name }, view);
        Value::Moved
    }

    /// A viewpoint stays upright: `up` may only say so.
    fn upright(&mut self, given: &Item, up: Option<&Vector>) {
        let said = match up {
            // Reported already.
            None | Some(Vector::Axis(_, Axis::Up, _)) => return,
            Some(Vector::Numbers(v, _)) if *v == [0.0; 3] => "`up` is zero",
            Some(Vector::Numbers([x, y, z], _)) if *x == 0.0 && *z == 0.0 && *y < 0.0 => return,
            _ => "`up` does not point up",
        };
        self.no_direction(
            given.span,
            said,
            "a viewpoint stays upright",
            "leave `up` out, or write `[0, -1, 0]`: y points down",
        );
    }

    fn aim(&mut self, v: Vector) -> Option<Aim> {
        match v {
            Vector::Axis(_, Axis::Up, at) => {
                self.no_direction(
                    at,
                    "`forward` points straight up",
                    "parallel to up",
                    "look along `[\"forward\"]`, and `turn_camera(…, direction=\"up\")` afterwards",
                );
                None
            }
            Vector::Axis(f, a, _) => Some(Aim::Axis(f, a)),
            Vector::Numbers([x, y, z], at) => {
                if x == 0.0 && z == 0.0 {
                    let zero = y == 0.0;
                    self.no_direction(
                        at,
                        if zero { "`forward` is zero" } else { "`forward` is parallel to up" },
                        if zero { "leads nowhere" } else { "straight up or down" },
                        "give a direction with a horizontal part, such as `[0, 0, 1]` for ahead",
                    );
                    return None;
                }
                Some(Aim::Ahead(x, z, at))
            }
            Vector::Place(..) => None,
        }
    }

    /// The view at a place with an aim.
    fn placed(&mut self, call: &Call, origin: Vector, aim: Aim) -> Option<Tree> {
        let (at, whole) = (call.at, call.span);
        if let (Vector::Numbers(a, _), Aim::At(Vector::Numbers(b, place))) = (&origin, &aim)
            && a == b
        {
            let place = *place;
            self.report(
                Diagnostic::new(Code::SamePlace, place, "the viewer stands at the place it faces")
                    .label("no direction to look in")
                    .help("look at another place"),
            );
            return None;
        }
        match origin {
            Vector::Place(Place::Camera(f), _) => match aim {
                Aim::Axis(g, axis) if g.number == f.number => {
                    let view = emit::method(photo(f), "view", at, vec![], whole);
                    Some(faced(view, axis, at, whole))
                }
                // Where it stands is where it looks: said by the checker, as of any two places.
                Aim::At(Vector::Place(Place::Camera(g), there)) if g.number == f.number => {
                    let args = vec![
                        emit::named("at", photo(f)),
                        emit::named("facing", place(&Place::Camera(g), true, there)),
                    ];
                    Some(emit::call("stand", at, args, whole))
                }
                Aim::At(target) => {
                    let to = self.target(target)?;
                    let view = emit::method(photo(f), "view", at, vec![], whole);
                    Some(emit::method(view, "turned_to", at, vec![emit::named("to", to)], whole))
                }
                aim => {
                    let heading = self.heading(aim, at)?;
                    Some(standing(photo(f), Some(photo(f)), "heading", heading, at, whole))
                }
            },
            Vector::Place(p, span) => {
                let here = place(&p, true, span);
                let (name, value) = match aim {
                    Aim::At(target) => ("facing", self.target(target)?),
                    aim => ("heading", self.heading(aim, at)?),
                };
                Some(standing(here, None, name, value, at, whole))
            }
            Vector::Numbers(v, span) => {
                let here = self.offset(v, span)?;
                match aim {
                    Aim::Ahead(x, z, span) => Some(turned(here, x, z, at, span)),
                    Aim::At(target) => {
                        let to = self.target(target)?;
                        Some(emit::method(
                            here,
                            "turned_to",
                            at,
                            vec![emit::named("to", to)],
                            whole,
                        ))
                    }
                    aim => {
                        let heading = self.heading(aim, at)?;
                        Some(standing(here.clone(), Some(here), "heading", heading, at, whole))
                    }
                }
            }
            Vector::Axis(..) => None,
        }
    }

    /// A place to look at.
    fn target(&mut self, v: Vector) -> Option<Tree> {
        match v {
            Vector::Place(p, span) => Some(place(&p, true, span)),
            Vector::Numbers(v, span) => self.offset(v, span),
            Vector::Axis(..) => None,
        }
    }

    /// An angle to face.
    fn heading(&mut self, aim: Aim, at: Span) -> Option<Tree> {
        let view = match aim {
            Aim::Axis(f, axis) => {
                let view = emit::method(photo(f), "view", f.reader, vec![], f.span);
                faced(view, axis, f.reader, f.span)
            }
            Aim::Ahead(x, z, span) => {
                let here = self.measured_from_here(span)?;
                turned(here, x, z, at, span)
            }
            Aim::At(_) => return None,
        };
        let span = view.span;
        Some(emit::call("view_heading", at, vec![emit::first(view)], span))
    }

    /// The current view, moved by right, down and forward.
    pub(crate) fn offset(&mut self, [x, y, z]: [f64; 3], span: Span) -> Option<Tree> {
        let mut view = self.measured_from_here(span)?;
        for (by, plus, minus) in
            [(x, "right", "left"), (y, "down", "up"), (z, "forward", "backward")]
        {
            if by != 0.0 {
                let way = emit::name(if by > 0.0 { plus } else { minus }, span);
                let by = emit::named("by", emit::measure(by.abs(), "m", span));
                view = emit::method(view, "step", span, vec![emit::first(way), by], span);
            }
        }
        Some(view)
    }

    fn measured_from_here(&mut self, span: Span) -> Option<Tree> {
        self.observed();
        self.needs_view(span, "numbers are measured from the viewpoint, and none is set yet")
    }

    /// The current view, or the report that there is none.
    pub(crate) fn needs_view(&mut self, at: Span, message: &str) -> Option<Tree> {
        if matches!(self.view, View::Unset) {
            self.report(
                Diagnostic::new(Code::NoViewpoint, at, message).label("needs a viewpoint").help(
                    "first `set_viewpoint(session_id=…, origin=pose[\"position\"], \
                         forward=pose[\"forward\"])`",
                ),
            );
            // Said once.
            self.view = View::Unknown;
        }
        self.here(at)
    }

    // ---- step_camera and turn_camera ----

    pub(crate) fn step(&mut self, call: &Call) -> Value {
        let way = self.word(call, "direction", STEPS);
        self.shift(call, |view, at, whole| {
            let (way, span) = way?;
            Some(emit::method(view, "step", at, vec![emit::first(emit::name(way, span))], whole))
        })
    }

    pub(crate) fn turn(&mut self, call: &Call) -> Value {
        let way = self.word(call, "direction", TURNS);
        let angle = call.get("angle").cloned();
        let mut by: Option<Option<Tree>> = Some(None);
        if let Some(angle) = &angle {
            let item = &angle.item;
            match (&item.value, way) {
                (Value::Int(_) | Value::Float(_), Some(("back", _))) => {
                    by = None;
                    self.report(
                        Diagnostic::new(
                            Code::ArgumentGroup,
                            angle.name,
                            "`angle` and the direction `back` exclude each other",
                        )
                        .label("back is half a turn")
                        .help("leave `angle` out, or turn left or right by it"),
                    );
                }
                (Value::Int(_) | Value::Float(_), _) => {
                    let x = match item.value {
                        Value::Int(i) => i as f64,
                        Value::Float(x) => x,
                        _ => 0.0,
                    };
                    by = self.angle(x, item.span, way.map(|w| w.0), call);
                }
                (Value::Unknown(_), _) => {
                    by = None;
                    self.unsupported(
                        item.span,
                        "an angle that only a run knows",
                        "write the angle",
                    );
                }
                _ => {
                    by = None;
                    self.wrong(item, "`angle` takes a number of degrees", "write the degrees");
                }
            }
        }
        self.shift(call, |view, at, whole| {
            let ((way, span), by) = (way?, by?);
            let mut args = vec![emit::first(emit::name(way, span))];
            args.extend(by.map(|b| emit::named("by", b)));
            Some(emit::method(view, "turn", at, args, whole))
        })
    }

    /// A turn's angle; the inner `None` is the angle that the direction has by itself.
    fn angle(
        &mut self,
        x: f64,
        at: Span,
        way: Option<&'static str>,
        call: &Call,
    ) -> Option<Option<Tree>> {
        let tilt = matches!(way, Some("up" | "down"));
        let most = if tilt { 90.0 } else { 360.0 };
        if x > 0.0 && (x < most || tilt && x == most) {
            let own = if tilt { 45.0 } else { 90.0 };
            return Some((x != own).then(|| emit::measure(x, "deg", at)));
        }
        let said = if x == 0.0 {
            "a turn by 0° turns nothing".to_owned()
        } else if x < 0.0 {
            format!("a turn by {x}° goes the other way")
        } else if tilt {
            format!("a turn {} by {x}° goes past the vertical", way.unwrap_or("up"))
        } else {
            format!("a turn by {x}° goes round more than once")
        };
        let mut d = Diagnostic::new(Code::TurnAngle, at, said)
            .label(if tilt { "not within 0° to 90°" } else { "not within 0° to 360°" })
            .fact("found", x);
        let rest = x - 360.0 * (x / 360.0).floor();
        d = if x < 0.0 && x > -most {
            let other = match way {
                Some("left") => "right",
                Some("right") => "left",
                Some("up") => "down",
                _ => "up",
            };
            d.help(format!("write the other direction, `\"{other}\"`, and {}", -x))
        } else if !tilt && rest > 0.0 && x > most {
            d.help(format!("write {rest}")).fix(
                Applicability::Unsafe,
                format!("turn by {rest}"),
                at,
                format!("{rest}"),
            )
        } else {
            d.help(format!("write degrees from 0 to {most}, or leave `{}` out", call.def.name))
        };
        self.report(d);
        None
    }

    /// A move from the current view.
    fn shift(&mut self, call: &Call, make: impl FnOnce(Tree, Span, Span) -> Option<Tree>) -> Value {
        if matches!(self.view, View::Unset) {
            let message = format!("`{}` moves a viewpoint, and none is set yet", call.def.name);
            self.needs_view(call.at, &message);
        }
        let view = match std::mem::replace(&mut self.view, View::Unknown) {
            View::Known(view) => make(view, call.at, call.span),
            _ => None,
        };
        let view = view.map_or(View::Unknown, View::Known);
        self.moved(Move { span: call.at, tool: call.def.name }, view);
        Value::Moved
    }
}

/// A camera's view turned to one of its axes.
fn faced(view: Tree, axis: Axis, at: Span, whole: Span) -> Tree {
    match axis {
        Axis::Right => {
            let right = emit::first(emit::name("right", at));
            emit::method(view, "turn", at, vec![right], whole)
        }
        Axis::Forward | Axis::Up => view,
    }
}

/// `stand(at=here, name=value, eye=…)`; the eye at the height of `eye`, where that is given.
fn standing(here: Tree, eye: Option<Tree>, name: &str, value: Tree, at: Span, whole: Span) -> Tree {
    let mut args = vec![emit::named("at", here), emit::named(name, value)];
    if let Some(eye) = eye {
        let floor = emit::call("floor", at, vec![], whole);
        let height =
            emit::call("height_above", at, vec![emit::first(eye), emit::first(floor)], whole);
        args.push(emit::named("eye", height));
    }
    emit::call("stand", at, args, whole)
}

/// A view turned towards right and forward in its own frame.
fn turned(view: Tree, x: f64, z: f64, at: Span, span: Span) -> Tree {
    let bearing = math::atan2_deg(x, z);
    let (way, by) = if bearing == 0.0 {
        return view;
    } else if bearing == 180.0 || bearing == -180.0 {
        ("back", None)
    } else if bearing > 0.0 {
        ("right", Some(bearing))
    } else {
        ("left", Some(-bearing))
    };
    let mut args = vec![emit::first(emit::name(way, span))];
    if let Some(by) = by.filter(|b| *b != 90.0) {
        args.push(emit::named("by", emit::measure(by, "deg", span)));
    }
    emit::method(view, "turn", at, args, span)
}
