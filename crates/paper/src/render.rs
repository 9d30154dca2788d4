//! Pictures: what is seen from the viewpoint, from above, and the plan.

use reasmory_diag::{Code, Diagnostic, similar};
use reasmory_span::Span;
use reasmory_syntax::ast::Expr as Tree;

use crate::arguments::Call;
use crate::emit;
use crate::plan::{Cx, View};
use crate::queries::{objects, photo, place};
use crate::value::{Item, Value};
use crate::vector::{Role, Vector};

/// What an entry of `objects` may say.
const FIELDS: &[&str] = &["name", "position", "orientation"];

impl Cx<'_> {
    // ---- render_ego_rgb ----

    pub(crate) fn render_ego(&mut self, call: &Call) -> Value {
        self.picture(call.at);
        match self.needs_view(
            call.at,
            "`render_ego_rgb` draws what a viewpoint sees, and none is set yet",
        ) {
            Some(me) => Value::Image(emit::call("ego", call.at, vec![emit::first(me)], call.span)),
            None => Value::Error,
        }
    }

    // ---- render_rgb_bev ----

    pub(crate) fn render_top(&mut self, call: &Call) -> Value {
        self.picture(call.at);
        let mut marked = true;
        if let Some(item) = call.item("ego_marker_size") {
            match item.value {
                Value::Int(n) => marked = n > 0,
                Value::Unknown(_) => {}
                _ => self.wrong(
                    &item,
                    "`ego_marker_size` takes a whole number",
                    "write a number of pixels",
                ),
            }
        }
        if let Some(item) = call.item("annotations") {
            match item.value.members() {
                Some([]) => {}
                Some(_) => self.ignored(
                    item.span,
                    "`annotations` are not drawn",
                    "mark things with `render_semantic_bev(…, queried_objects=…)`",
                ),
                None => self.not_a_list(&item, "`annotations` takes a list", false),
            }
        }
        let mut marks = Vec::new();
        if marked {
            match self.here(call.span) {
                Some(me) => marks.push(me),
                None if matches!(self.view, View::Unknown) => {
                    return Value::List(vec![Item { value: Value::Error, span: call.span }]);
                }
                None => {}
            }
        }
        let top = drawn("top", marks, call);
        Value::List(vec![Item { value: Value::Image(top), span: call.span }])
    }

    // ---- render_semantic_bev ----

    pub(crate) fn render_semantic(&mut self, call: &Call) -> Value {
        self.picture(call.at);
        let mut marks = Vec::new();
        if let Some(item) = call.item("camera_indices")
            && let Some(frames) = self.frames(&item, "camera_indices", call.at, false)
        {
            marks.extend(frames.into_iter().map(photo));
        }
        if let Some(item) = call.item("objects") {
            self.entities(&item, &mut marks);
        }
        if let Some(item) = call.item("queried_objects") {
            self.current(&item);
            match &item.value {
                Value::Map(categories, _) => {
                    marks.extend(categories.iter().map(|c| objects(c, c.span)));
                }
                _ => self.wrong(
                    &item,
                    "`queried_objects` takes what `query_3d_object_position` gave",
                    "pass the whole map, not one of its lists",
                ),
            }
        }
        if let Some(me) = self.here(call.span) {
            marks.push(me);
        }
        Value::Semantic(drawn("plan", marks, call))
    }

    /// The entries of `objects`.
    fn entities(&mut self, item: &Item, marks: &mut Vec<Tree>) {
        let Some(members) = item.value.members() else {
            self.not_a_list(
                item,
                "`objects` takes a list of dictionaries",
                matches!(item.value, Value::Dict(_)),
            );
            return;
        };
        for m in members.iter().cloned() {
            let Value::Dict(entries) = &m.value else {
                self.wrong(
                    &m,
                    "`objects` holds dictionaries",
                    "write `{\"name\": …, \"position\": …}`",
                );
                continue;
            };
            let mut seen: Vec<&str> = Vec::new();
            for (key, value) in entries {
                let name = key.value.as_str();
                if !FIELDS.contains(&name) {
                    self.field(key.span, name);
                    continue;
                }
                seen.push(name);
                let given = crate::arguments::Given { item: value.clone(), name: key.span };
                match name {
                    "name" => {
                        self.text_of(value, "`name` takes a text", "write how it is labelled");
                    }
                    "position" => match self.vector(&given, name, Role::Position, None) {
                        Some(Vector::Place(p, span)) => marks.push(place(&p, false, span)),
                        Some(Vector::Numbers(v, span)) => {
                            marks.extend(self.offset(v, span));
                        }
                        _ => {}
                    },
                    _ => {
                        self.vector(&given, name, Role::Direction, None);
                    }
                }
            }
            for needed in ["name", "position"] {
                if !seen.contains(&needed) {
                    self.report(
                        Diagnostic::new(
                            Code::MissingArgument,
                            m.span,
                            format!("an object of the view needs `{needed}`"),
                        )
                        .label("given without it")
                        .help(format!("add `\"{needed}\": …`"))
                        .fact("missing", vec![needed.to_owned()]),
                    );
                }
            }
        }
    }

    fn field(&mut self, at: Span, name: &str) {
        let near = similar::candidates(name, FIELDS.iter().copied());
        let d = Diagnostic::new(
            Code::UnknownField,
            at,
            format!("an object of the view has no `{name}`"),
        )
        .label("no such key")
        .fact("found", name)
        .fact("candidates", FIELDS.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>());
        self.report(match near.first() {
            Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                reasmory_diag::Applicability::Safe,
                format!("use `{best}`"),
                at,
                format!("\"{best}\""),
            ),
            None => d.help("it has `name`, `position` and `orientation`"),
        });
    }
}

fn drawn(what: &str, marks: Vec<Tree>, call: &Call) -> Tree {
    let args = if marks.is_empty() {
        vec![]
    } else {
        vec![emit::named("mark", emit::list(marks, call.span))]
    };
    emit::call(what, call.at, args, call.span)
}
