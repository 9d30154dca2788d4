//! A tool's arguments: names, required ones, and the session.

use reasmory_diag::{Applicability, Code, Diagnostic, similar};
use reasmory_span::Span;
use ruff_python_ast::ExprCall;

use crate::plan::Cx;
use crate::syntax::range;
use crate::tools::{Tool, ToolDef};
use crate::value::{Item, Text, Value};
use ruff_text_size::Ranged as _;

/// An argument with the place of its name.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) item: Item,
    pub(crate) name: Span,
}

/// A tool's call with its arguments at their parameters.
pub(crate) struct Call {
    pub(crate) def: &'static ToolDef,
    /// The tool's name.
    pub(crate) at: Span,
    /// The whole call.
    pub(crate) span: Span,
    slots: Vec<Option<Given>>,
}

impl Call {
    /// The argument of a parameter; an optional one that is `None` counts as left out.
    pub(crate) fn get(&self, name: &str) -> Option<&Given> {
        let i = self.def.params.iter().position(|p| p.0 == name)?;
        let given = self.slots.get(i)?.as_ref()?;
        let absent = matches!(given.item.value, Value::None) && !self.def.params[i].1;
        (!absent).then_some(given)
    }

    /// The argument's value.
    pub(crate) fn item(&self, name: &str) -> Option<Item> {
        self.get(name).map(|g| g.item.clone())
    }
}

impl Cx<'_> {
    /// A call of a tool.
    pub(crate) fn tool(
        &mut self,
        def: &'static ToolDef,
        c: &ExprCall,
        at: Span,
        whole: Span,
    ) -> Value {
        let call = self.arrange(def, c, at, whole);
        if def.tool != Tool::Build {
            self.session(&call);
        }
        match def.tool {
            Tool::Build => self.build(&call),
            Tool::Poses => self.query_poses(&call),
            Tool::Objects => self.query_objects(&call),
            Tool::Viewpoint => self.set_viewpoint(&call),
            Tool::Select => self.select(&call),
            Tool::Step => self.step(&call),
            Tool::Turn => self.turn(&call),
            Tool::Ego => self.render_ego(&call),
            Tool::Top => self.render_top(&call),
            Tool::Semantic => self.render_semantic(&call),
        }
    }

    fn arrange(&mut self, def: &'static ToolDef, c: &ExprCall, at: Span, whole: Span) -> Call {
        let name = def.name;
        let mut slots: Vec<Option<Given>> = def.params.iter().map(|_| None).collect();
        let mut unknown = false;
        for (i, a) in c.arguments.args.iter().enumerate() {
            let item = self.eval(a);
            let place = item.span;
            match def.params.get(i) {
                Some((p, _)) => {
                    self.report(
                        Diagnostic::new(
                            Code::PositionalArgument,
                            place,
                            format!("`{name}` takes its arguments by name"),
                        )
                        .label(format!("most likely `{p}=`"))
                        .help("name it")
                        .fix(
                            Applicability::Safe,
                            format!("name it `{p}`"),
                            Span::at(place.start),
                            format!("{p}="),
                        ),
                    );
                    slots[i] = Some(Given { item, name: place });
                }
                None => self.report(
                    Diagnostic::new(
                        Code::PositionalArgument,
                        place,
                        format!("`{name}` takes {} arguments", def.params.len()),
                    )
                    .label("one too many")
                    .help("leave it out"),
                ),
            }
        }
        for k in &c.arguments.keywords {
            let Some(key) = &k.arg else {
                self.unsupported(range(k.range()), "unpacking (`**`)", "write the arguments out");
                self.skip(&k.value);
                unknown = true;
                continue;
            };
            let item = self.eval(&k.value);
            let at = range(key.range());
            let known = def.params.iter().position(|p| p.0 == key.id.as_str());
            let index = match known {
                Some(i) => i,
                None => {
                    let free: Vec<&str> =
                        def.params
                            .iter()
                            .zip(&slots)
                            .filter(|(p, s)| {
                                s.is_none()
                                    && !c.arguments.keywords.iter().any(|k| {
                                        k.arg.as_ref().is_some_and(|a| a.id.as_str() == p.0)
                                    })
                            })
                            .map(|(p, _)| p.0)
                            .collect();
                    let near = similar::candidates(&key.id, free.iter().copied());
                    let mut d = Diagnostic::new(
                        Code::UnknownArgument,
                        at,
                        format!("`{name}` takes no argument `{}`", key.id),
                    )
                    .label("unknown argument")
                    .fact("found", key.id.as_str())
                    .fact("candidates", free.clone());
                    let best = near.first().copied();
                    d = match best {
                        Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                            if near.len() == 1 {
                                Applicability::Safe
                            } else {
                                Applicability::Unsafe
                            },
                            format!("use `{best}`"),
                            at,
                            best,
                        ),
                        None if free.is_empty() => d.help("leave it out"),
                        None => d.help(format!("it takes {}", free.join(", "))),
                    };
                    self.report(d);
                    unknown |= best.is_none();
                    match best.and_then(|b| def.params.iter().position(|p| p.0 == b)) {
                        Some(i) => i,
                        None => continue,
                    }
                }
            };
            if slots[index].is_some() {
                self.report(
                    Diagnostic::new(
                        Code::DuplicateArgument,
                        at,
                        format!("`{}` is given twice to `{name}`", def.params[index].0),
                    )
                    .label("given again")
                    .help("keep one"),
                );
                continue;
            }
            slots[index] = Some(Given { item, name: at });
        }
        let missing: Vec<&str> = def
            .params
            .iter()
            .zip(&slots)
            .filter(|(p, s)| p.1 && s.is_none())
            .map(|(p, _)| p.0)
            .collect();
        if !missing.is_empty() && !unknown {
            let named: Vec<String> = missing.iter().map(|m| format!("`{m}`")).collect();
            let hole: Vec<String> = missing.iter().map(|m| format!("{m}=…")).collect();
            let any = !c.arguments.args.is_empty() || !c.arguments.keywords.is_empty();
            let closed = whole.text(self.text).ends_with(')');
            let mut d = Diagnostic::new(
                Code::MissingArgument,
                at,
                format!("`{name}` needs {}", named.join(" and ")),
            )
            .label("called without it")
            .help("give it by name")
            .fact("missing", missing.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>());
            if closed {
                let insert = format!("{}{}", if any { ", " } else { "" }, hole.join(", "));
                d = d.fix(Applicability::Manual, "give it", Span::at(whole.end - 1), insert);
            }
            self.report(d);
        }
        // What was left out is wrong already, not a second time where it is read.
        for ((_, required), slot) in def.params.iter().zip(&mut slots) {
            if *required && slot.is_none() {
                *slot = Some(Given { item: Item { value: Value::Error, span: at }, name: at });
            }
        }
        Call { def, at, span: whole, slots }
    }

    /// `session_id` must be the memory's.
    fn session(&mut self, call: &Call) {
        let Some(given) = call.get("session_id") else { return };
        let item = given.item.clone();
        if matches!(item.value, Value::Session) {
            return;
        }
        let Some(mut d) =
            self.mismatch(&item, "`session_id` takes the id of the memory that was built")
        else {
            return;
        };
        d = match (&item.value, self.memory) {
            (Value::Memory, _) => d.help("read the id from it: `[\"session_id\"]`").fix(
                Applicability::Safe,
                "read the id",
                Span::at(item.span.end),
                "[\"session_id\"]",
            ),
            (_, Some(_)) => {
                d.help("pass `memory[\"session_id\"]` of what `build_static_spatial_memory` gave")
            }
            (_, None) => d.help("build the memory first: `build_static_spatial_memory(…)`"),
        };
        self.report(d);
    }

    /// A text argument.
    pub(crate) fn text_of(&mut self, item: &Item, takes: &str, help: &str) -> Option<Text> {
        match &item.value {
            Value::Text(t) => Some(t.clone()),
            _ => {
                self.wrong(item, takes, help);
                None
            }
        }
    }

    /// One of a few words; `None` where that was reported.
    pub(crate) fn word(
        &mut self,
        call: &Call,
        name: &str,
        among: &[&'static str],
    ) -> Option<(&'static str, Span)> {
        let item = call.item(name)?;
        let list: Vec<String> = among.iter().map(|w| format!("`\"{w}\"`")).collect();
        let takes = format!("`{name}` takes one of {}", list.join(", "));
        let t = self.text_of(&item, &takes, "write one of them")?;
        if let Some(found) = among.iter().find(|w| **w == t.value) {
            return Some((*found, t.span));
        }
        let near = similar::candidates(&t.value, among.iter().copied());
        let mut d = Diagnostic::new(
            Code::NotASymbol,
            item.span,
            format!("`{name}` of `{}` cannot be `\"{}\"`", call.def.name, t.value),
        )
        .label("none of the words")
        .fact("found", t.value.as_str())
        .fact("candidates", among.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        d = match near.first() {
            Some(best) if t.span == item.span => d.help(format!("did you mean `\"{best}\"`?")).fix(
                if near.len() == 1 { Applicability::Safe } else { Applicability::Unsafe },
                format!("use `\"{best}\"`"),
                t.span,
                format!("\"{best}\""),
            ),
            _ => d.help(format!("write one of {}", list.join(", "))),
        };
        self.report(d);
        None
    }

    /// Wraps what should have been a list.
    pub(crate) fn not_a_list(&mut self, item: &Item, takes: &str, wrap: bool) {
        let Some(mut d) = self.mismatch(item, takes) else { return };
        d = d.help("write a list");
        if wrap {
            d = d.suggest(reasmory_diag::Suggestion {
                title: "put it in a list".into(),
                edits: vec![
                    reasmory_diag::Edit { span: Span::at(item.span.start), insert: "[".into() },
                    reasmory_diag::Edit { span: Span::at(item.span.end), insert: "]".into() },
                ],
                applicability: Applicability::Safe,
            });
        }
        self.report(d);
    }

    /// An argument that changes nothing.
    pub(crate) fn ignored(&mut self, at: Span, what: &str, help: &str) {
        self.report(
            Diagnostic::new(Code::IgnoredArgument, at, what).label("has no effect").help(help),
        );
    }
}
