//! The memory and what is asked of it: building, camera poses, objects, selection.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;
use reasmory_syntax::ast::Expr as Tree;

use crate::arguments::Call;
use crate::criteria::{self, Anchor, Criterion};
use crate::emit;
use crate::plan::Cx;
use crate::value::{Chosen, Frame, Item, Place, Text, Value};

impl Cx<'_> {
    // ---- build_static_spatial_memory ----

    pub(crate) fn build(&mut self, call: &Call) -> Value {
        let kind = self.word(call, "input_type", &["images", "video"]).map(|k| k.0);
        let needs = match kind {
            Some("images") => "image_paths",
            Some(_) => "video_path",
            None => "",
        };
        if !needs.is_empty() && call.get(needs).is_none() {
            let what = if needs == "image_paths" { "input_images" } else { "input_video" };
            self.report(
                Diagnostic::new(
                    Code::MissingArgument,
                    call.at,
                    format!("`{}` of {} needs `{needs}`", call.def.name, kind.unwrap_or("")),
                )
                .label("called without it")
                .help(format!("give `{needs}={what}`"))
                .fact("missing", vec![needs.to_owned()])
                .fix(
                    Applicability::Safe,
                    format!("give `{needs}`"),
                    Span::at(call.span.end.saturating_sub(1)),
                    format!(", {needs}={what}"),
                ),
            );
        }
        if let Some(item) = call.item("image_paths") {
            self.image_paths(&item);
        }
        if let Some(item) = call.item("video_path")
            && !matches!(item.value, Value::Video | Value::Text(_))
        {
            self.wrong(&item, "`video_path` takes the video", "pass `input_video`");
        }
        if let Some(item) = call.item("fps")
            && !matches!(item.value, Value::Int(_) | Value::Float(_) | Value::Unknown(_))
        {
            self.wrong(&item, "`fps` takes a number", "write a number, or leave it out");
        }
        match self.memory {
            Some(first) => self.report(
                Diagnostic::new(Code::SecondMemory, call.at, "a plan builds one memory")
                    .label("builds a second one")
                    .also(first, "the first one")
                    .help("use the first memory's `session_id` throughout"),
            ),
            None => self.memory = Some(call.at),
        }
        Value::Memory
    }

    fn image_paths(&mut self, item: &Item) {
        match &item.value {
            Value::Inputs => {}
            Value::List(members) | Value::Tuple(members) => {
                let mut inputs = false;
                for m in members.clone() {
                    match m.value {
                        Value::Input(_) => inputs = true,
                        Value::Text(_) => {}
                        _ => self.wrong(&m, "`image_paths` holds images", "pass `input_images`"),
                    }
                }
                if inputs {
                    self.ignored(
                        item.span,
                        "the memory is made of all input images, whichever are listed",
                        "pass `input_images`",
                    );
                }
            }
            _ => self.not_a_list(
                item,
                "`image_paths` takes the list of images",
                matches!(item.value, Value::Input(_) | Value::Text(_)),
            ),
        }
    }

    // ---- query_camera_pose ----

    pub(crate) fn query_poses(&mut self, call: &Call) -> Value {
        self.observed();
        let Some(item) = call.item("frame_indices") else { return Value::Error };
        let Some(frames) = self.frames(&item, "frame_indices", call.at, true) else {
            return Value::Error;
        };
        Value::Poses(frames, self.origin(call.span))
    }

    /// Photos by number, in a list.
    pub(crate) fn frames(
        &mut self,
        item: &Item,
        param: &str,
        reader: Span,
        some: bool,
    ) -> Option<Vec<Frame>> {
        let Some(members) = item.value.members() else {
            let one = matches!(item.value, Value::Int(_));
            self.not_a_list(item, &format!("`{param}` takes a list of numbers"), one);
            return None;
        };
        let mut frames = Vec::new();
        let mut bad = false;
        for m in members.iter().cloned() {
            match m.value {
                Value::Int(number) => {
                    let frame = Frame { number, span: m.span, reader };
                    if self
                        .text
                        .as_bytes()
                        .get(m.span.start as usize)
                        .is_some_and(u8::is_ascii_digit)
                    {
                        self.out.literals.insert(m.span);
                    }
                    self.probe_photo(frame);
                    // A number that no photo has is reported by the checker; that it is none, here.
                    frames.push(frame);
                }
                Value::Float(x) if x.fract() == 0.0 && x.abs() < 1e9 => {
                    bad = true;
                    if let Some(d) = self.mismatch(&m, "photos have whole numbers") {
                        let whole = format!("{}", x as i64);
                        self.report(d.help("leave the fraction out").fix(
                            Applicability::Safe,
                            format!("use `{whole}`"),
                            m.span,
                            whole,
                        ));
                    }
                }
                Value::Error => bad = true,
                _ => {
                    bad = true;
                    self.wrong(
                        &m,
                        &format!("`{param}` holds the numbers of photos"),
                        "write a number from 1 on",
                    );
                }
            }
        }
        if some && frames.is_empty() && !bad {
            self.empty(item.span, param, "list the photos whose poses are needed, from 1 on");
            return None;
        }
        if bad && frames.is_empty() { None } else { Some(frames) }
    }

    fn empty(&mut self, at: Span, param: &str, help: &str) {
        self.report(
            Diagnostic::new(
                Code::EmptyQuery,
                at,
                format!("`{param}` is empty, so nothing is asked"),
            )
            .label("holds nothing")
            .help(help),
        );
    }

    pub(crate) fn probe_photo(&mut self, frame: Frame) {
        let photo = photo(frame);
        self.probe(photo);
    }

    // ---- query_3d_object_position ----

    pub(crate) fn query_objects(&mut self, call: &Call) -> Value {
        self.observed();
        let Some(item) = call.item("category_names") else { return Value::Error };
        let Some(members) = item.value.members() else {
            let one = matches!(item.value, Value::Text(_));
            self.not_a_list(&item, "`category_names` takes a list of nouns", one);
            // A single noun is surely meant as a list of one.
            if let Value::Text(t) = &item.value {
                return Value::Map(vec![t.clone()], self.origin(call.span));
            }
            return Value::Error;
        };
        let mut names: Vec<Text> = Vec::new();
        let mut bad = false;
        for m in members.iter().cloned() {
            match m.value {
                Value::Text(t) => {
                    self.out.literals.insert(t.span);
                    self.probe(objects(&t, call.at));
                    names.push(t);
                }
                _ => {
                    bad = true;
                    self.wrong(&m, "`category_names` holds nouns", "write the noun as a text");
                }
            }
        }
        if names.is_empty() && !bad {
            self.empty(item.span, "category_names", "name what is looked for");
            return Value::Error;
        }
        if bad {
            // Which categories there are is not known.
            return Value::Error;
        }
        Value::Map(names, self.origin(call.span))
    }

    // ---- safe_select ----

    pub(crate) fn select(&mut self, call: &Call) -> Value {
        let criteria = call.item("selection_criteria");
        let said = criteria.as_ref().and_then(|c| {
            self.text_of(c, "`selection_criteria` takes a text", "describe the object meant")
        });
        let name = call
            .item("obj_name")
            .and_then(|n| self.text_of(&n, "`obj_name` takes a noun", "write the noun as a text"));
        let Some(queried) = call.item("obj_queried") else { return Value::Error };
        self.current(&queried);
        let Value::Map(categories, origin) = &queried.value else {
            self.wrong(
                &queried,
                "`obj_queried` takes what `query_3d_object_position` gave",
                "pass the whole map, not one of its lists",
            );
            return Value::Error;
        };
        let Some(name) = name else { return Value::Error };
        let Some(category) = categories.iter().find(|c| c.value == name.value).cloned() else {
            let known: Vec<&str> = categories.iter().map(|c| c.value.as_str()).collect();
            let near = reasmory_diag::similar::candidates(&name.value, known.iter().copied());
            let mut d = Diagnostic::new(
                Code::UnknownField,
                name.span,
                format!("`{}` was not queried", name.value),
            )
            .label("not among the queried categories")
            .also(origin.query, "queried here")
            .fact("found", name.value.as_str())
            .fact("candidates", known.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>());
            d = match near.first() {
                Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                    Applicability::Safe,
                    format!("use `{best}`"),
                    name.span,
                    format!("\"{best}\""),
                ),
                None => d.help("add it to `category_names`"),
            };
            self.report(d);
            return Value::Error;
        };
        if criteria.is_some() && said.is_none() {
            return Value::Error;
        }
        let origin = *origin;
        let Some(choice) = self.choice(call, &category, said.as_ref()) else { return Value::Error };
        let noun: String = category
            .value
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let bound = self.fresh(&noun);
        self.stmts.push(emit::bind(&bound, choice));
        Value::Selected(Chosen { name: bound, category }, origin)
    }

    /// The expression that chooses.
    fn choice(&mut self, call: &Call, category: &Text, said: Option<&Text>) -> Option<Tree> {
        let (at, whole) = (call.at, call.span);
        // Of one there is nothing to choose; of several, without a criterion, the checker asks which.
        let only = (self.options.instances)(&category.value) == Some(1);
        let Some(said) = said.filter(|_| !only) else { return Some(the(category, whole)) };
        let candidates = objects(category, at);
        let parsed = criteria::parse(&said.value, &category.value);
        let inside = |r: &std::ops::Range<usize>| {
            if said.plain {
                let start = said.span.start + 1;
                Span::new(start + r.start as u32, start + r.end as u32)
            } else {
                said.span
            }
        };
        let chosen = match parsed {
            Some(Criterion::Plain(how)) => emit::method(candidates, how, at, vec![], whole),
            Some(Criterion::Seen(how)) => {
                let me = self.viewer(said.span, "has no left and right")?;
                emit::method(candidates, how, at, vec![emit::named("from", me)], whole)
            }
            Some(Criterion::To(how, anchor)) => {
                let to = match anchor {
                    Anchor::Viewer => self.viewer(said.span, "is not near to anything")?,
                    Anchor::Photo(number, r) => {
                        let frame = Frame { number, span: inside(&r), reader: at };
                        self.probe_photo(frame);
                        photo(frame)
                    }
                    Anchor::Noun(r) => {
                        let value = said.value.get(r.clone()).unwrap_or("").to_owned();
                        let noun = Text { value, span: inside(&r), plain: false };
                        the(&noun, inside(&r))
                    }
                };
                emit::method(candidates, how, at, vec![emit::named("to", to)], whole)
            }
            None => {
                let phrase = emit::text(&said.value, said.span);
                emit::call(
                    "pick",
                    said.span,
                    vec![emit::first(candidates), emit::first(phrase)],
                    whole,
                )
            }
        };
        Some(chosen)
    }

    /// The viewpoint, where a criterion needs one.
    fn viewer(&mut self, at: Span, without: &str) -> Option<Tree> {
        self.observed();
        self.needs_view(at, &format!("without a viewpoint the choice {without}"))
    }
}

/// `photo(n)`
pub(crate) fn photo(frame: Frame) -> Tree {
    let number = emit::int(frame.number, frame.span);
    emit::call("photo", frame.reader, vec![emit::first(number)], frame.span)
}

/// `objects("category")`
pub(crate) fn objects(category: &Text, at: Span) -> Tree {
    let noun = emit::text(&category.value, category.span);
    emit::call("objects", at, vec![emit::first(noun)], category.span)
}

/// `the("category")`
pub(crate) fn the(category: &Text, whole: Span) -> Tree {
    let noun = emit::text(&category.value, category.span);
    emit::call("the", whole, vec![emit::first(noun)], whole)
}

/// A place as the translation writes it. `single` where the plan means one object and no other: of several
/// the first is then no answer, and the checker asks which.
pub(crate) fn place(p: &Place, single: bool, whole: Span) -> Tree {
    match p {
        Place::Camera(frame) => photo(*frame),
        Place::Chosen(chosen) => emit::name(&chosen.name, whole),
        Place::Nth { category, index: 0, .. } if single => the(category, whole),
        Place::Nth { category, index, index_span } => {
            let all = objects(category, category.span);
            let pick = |list: Tree, n: i64| {
                let n = emit::int(n, *index_span);
                emit::expr(
                    reasmory_syntax::ast::ExprKind::Index(Box::new(list), Box::new(n)),
                    whole,
                )
            };
            match index {
                -1 => emit::method(all, "last", whole, vec![], whole),
                i if *i < 0 => {
                    let reversed = emit::method(all, "reverse", whole, vec![], whole);
                    pick(reversed, i.saturating_neg())
                }
                i => pick(all, i.saturating_add(1)),
            }
        }
    }
}
