//! What the plan returns: pictures are shown, queried values are the answer.

use reasmory_diag::{Applicability, Code, Diagnostic, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{Expr as Tree, ExprKind, Stmt, StmtKind};

use crate::emit;
use crate::plan::Cx;
use crate::queries::{objects, photo, place};
use crate::value::{Chosen, Coordinates, Frame, Item, Place, Text, Value};

/// A queried value among what is returned.
enum Data {
    /// Lists of positions, one for each category.
    Objects(Vec<Text>, Span),
    Position(Place, Span),
    Poses(Vec<Frame>, Span),
    Pose(Frame, Span),
    Chosen(Chosen, Span),
}

/// What is returned, taken apart.
#[derive(Default)]
struct Found {
    shows: Vec<Tree>,
    data: Vec<Data>,
    /// Whether anything but input images is there, or might be.
    news: bool,
}

impl Cx<'_> {
    /// The plan's result, as statements of the translation.
    pub(crate) fn deliver(&mut self, result: &Item) {
        let listed = matches!(
            result.value,
            Value::List(_)
                | Value::Tuple(_)
                | Value::Error
                | Value::Positions(..)
                | Value::Poses(..)
                | Value::Inputs
        );
        if !listed {
            self.not_returned_as_list(result);
        }
        let mut found = Found::default();
        self.gather(result, &mut found, !listed);
        if !found.news && !self.uncertain && listed {
            let d = Diagnostic::new(
                Code::NothingObserved,
                result.span,
                match found.shows.is_empty() {
                    true => "the plan returns nothing to look at",
                    false => "the plan returns the input images and nothing else",
                },
            )
            .label("no picture, no queried value")
            .help("put what was rendered or queried into the list: `useful_observation = [ego]`");
            self.report(d);
        }
        let Found { shows, data, .. } = found;
        let mut done: Vec<String> = Vec::new();
        for s in shows {
            let text = reasmory_syntax::format_expr(&s);
            if !done.contains(&text) {
                done.push(text);
                self.stmts.push(emit::show(s));
            }
        }
        if !data.is_empty() {
            self.answer(&data, result.span);
        }
    }

    fn not_returned_as_list(&mut self, result: &Item) {
        let takes = "a plan returns a list of observations";
        let Some(mut d) = self.mismatch(result, takes) else { return };
        let alone = matches!(
            result.value,
            Value::Image(_)
                | Value::Semantic(_)
                | Value::Input(_)
                | Value::Map(..)
                | Value::Pose(..)
                | Value::Vector(..)
                | Value::Selected(..)
                | Value::Dict(_)
        );
        d = d.help("return a list of pictures and queried values: `[ego, bev]`");
        if alone {
            d = d.suggest(Suggestion {
                title: "put it in a list".into(),
                edits: vec![
                    Edit { span: Span::at(result.span.start), insert: "[".into() },
                    Edit { span: Span::at(result.span.end), insert: "]".into() },
                ],
                applicability: Applicability::Safe,
            });
        }
        self.report(d);
    }

    fn gather(&mut self, item: &Item, found: &mut Found, reported: bool) {
        let at = item.span;
        match &item.value {
            Value::List(members) | Value::Tuple(members) => {
                for m in members {
                    self.gather(m, found, reported);
                }
                return;
            }
            Value::Dict(entries) => {
                for (_, m) in entries {
                    self.gather(m, found, reported);
                }
                return;
            }
            Value::Image(image) | Value::Semantic(image) => found.shows.push(image.clone()),
            Value::Input(frame) => {
                found.shows.push(photo(*frame));
                return;
            }
            Value::Inputs => {
                self.all_inputs(at);
                return;
            }
            // The video is its photos.
            Value::Video => {
                self.all_inputs(at);
                return;
            }
            Value::Map(c, _) => found.data.push(Data::Objects(c.clone(), at)),
            Value::Positions(c, _) => found.data.push(Data::Objects(vec![c.clone()], at)),
            Value::Vector(Coordinates::Position(p), _) => {
                found.data.push(Data::Position(p.clone(), at));
            }
            Value::Vector(Coordinates::Direction(f, _), _) | Value::Pose(f, _) => {
                found.data.push(Data::Pose(*f, at));
            }
            Value::Poses(f, _) => found.data.push(Data::Poses(f.clone(), at)),
            Value::Selected(c, _) => found.data.push(Data::Chosen(c.clone(), at)),
            Value::Error => {}
            _ => {
                // A result that is no list at all was reported.
                if !reported {
                    self.wrong(
                        item,
                        "an observation is a picture, an input image or a queried value",
                        "leave it out of what is returned",
                    );
                }
                found.news = true;
                return;
            }
        }
        found.news = true;
        self.current(item);
    }

    /// `for p in photos() { show p }`
    fn all_inputs(&mut self, at: Span) {
        let name = self.fresh("p");
        let shown = emit::show(emit::name(&name, at));
        self.stmts.push(Stmt {
            kind: StmtKind::For {
                name: emit::ident(&name, at),
                list: emit::call("photos", at, vec![], at),
                body: reasmory_syntax::ast::Block { stmts: vec![shown], span: at },
            },
            span: at,
        });
    }

    fn answer(&mut self, data: &[Data], at: Span) {
        let value = match data {
            [Data::Objects(c, span)] => {
                let mut lists: Vec<Tree> = c.iter().map(|c| self.positions(c, *span)).collect();
                match lists.len() {
                    1 => lists.remove(0),
                    _ => emit::list(lists, *span),
                }
            }
            [Data::Position(p, span)] => {
                let p = place(p, false, *span);
                self.position(p, *span)
            }
            [Data::Poses(f, span)] => emit::list(f.iter().map(|f| view(*f)).collect(), *span),
            [Data::Pose(f, _)] => view(*f),
            [Data::Chosen(c, span)] => emit::name(&c.name, *span),
            many if many.iter().all(|d| matches!(d, Data::Pose(..) | Data::Poses(..))) => {
                let mut views = Vec::new();
                for d in many {
                    match d {
                        Data::Poses(f, _) => views.extend(f.iter().map(|f| view(*f))),
                        Data::Pose(f, _) => views.push(view(*f)),
                        _ => {}
                    }
                }
                emit::list(views, at)
            }
            // One kind of value to a list: where each thing is.
            many => {
                let mut lists = Vec::new();
                for d in many {
                    match d {
                        Data::Objects(c, span) => {
                            for c in c {
                                lists.push(self.positions(c, *span));
                            }
                        }
                        Data::Position(p, span) => {
                            let p = place(p, false, *span);
                            lists.push(self.alone(vec![p], *span));
                        }
                        Data::Chosen(c, span) => {
                            let p = emit::name(&c.name, *span);
                            lists.push(self.alone(vec![p], *span));
                        }
                        Data::Poses(f, span) => {
                            let eyes = f.iter().map(|f| photo(*f)).collect();
                            lists.push(self.alone(eyes, *span));
                        }
                        Data::Pose(f, span) => lists.push(self.alone(vec![photo(*f)], *span)),
                    }
                }
                emit::list(lists, at)
            }
        };
        self.stmts.push(Stmt { kind: StmtKind::Answer(value), span: at });
    }

    fn alone(&mut self, places: Vec<Tree>, span: Span) -> Tree {
        let members = places.into_iter().map(|p| self.position(p, span)).collect();
        emit::list(members, span)
    }

    /// Where a place is: in the viewpoint's frame, where there is one.
    fn position(&mut self, place: Tree, span: Span) -> Tree {
        match self.here(span) {
            Some(me) => {
                emit::call("local", span, vec![emit::first(place), emit::named("from", me)], span)
            }
            None => emit::call("center", span, vec![emit::first(place)], span),
        }
    }

    /// Where all instances of a category are.
    fn positions(&mut self, category: &Text, span: Span) -> Tree {
        let member = match &self.names {
            names if names.contains("o") => self.fresh("each"),
            _ => "o".to_owned(),
        };
        let place = emit::name(&member, span);
        let body = self.position(place, span);
        let lambda = emit::expr(
            ExprKind::Lambda { param: emit::ident(&member, span), body: Box::new(body) },
            span,
        );
        let all = objects(category, span);
        emit::method(all, "map", span, vec![emit::first(lambda)], span)
    }
}

fn view(f: Frame) -> Tree {
    emit::method(photo(f), "view", f.reader, vec![], f.span)
}
