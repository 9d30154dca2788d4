//! Expressions: what each is worth.

use reasmory_diag::{Applicability, Code, Diagnostic, similar};
use reasmory_span::Span;
use ruff_python_ast::{Expr, ExprCall, ExprNumberLiteral, ExprStringLiteral, Number, UnaryOp};

use crate::forms;
use crate::limits::MAX_RANGE;
use crate::plan::Cx;
use crate::syntax::span;
use crate::tools::{self, BUILTINS, NOT_FOR_PLANS, TOOLS};
use crate::value::{Coordinates, Item, Text, Value};

impl Cx<'_> {
    /// The value of an expression, with its place.
    pub(crate) fn eval(&mut self, e: &Expr) -> Item {
        Item { value: self.value(e), span: span(e) }
    }

    fn value(&mut self, e: &Expr) -> Value {
        match e {
            Expr::Name(n) => self.name(&n.id, span(n)),
            Expr::StringLiteral(s) => Value::Text(self.text(s)),
            Expr::BooleanLiteral(b) => Value::Bool(b.value),
            Expr::NoneLiteral(_) => Value::None,
            Expr::NumberLiteral(n) => self.number(n, e),
            Expr::UnaryOp(u) if matches!(u.op, UnaryOp::USub | UnaryOp::UAdd) => {
                let inner = self.eval(&u.operand);
                self.signed(u.op == UnaryOp::USub, inner, span(e))
            }
            Expr::List(l) => Value::List(self.members(&l.elts)),
            Expr::Tuple(t) => Value::Tuple(self.members(&t.elts)),
            Expr::Dict(d) => {
                let mut entries = Vec::new();
                for item in &d.items {
                    let Some(key) = &item.key else {
                        self.unsupported(
                            span(&item.value),
                            "unpacking (`**`)",
                            "write the entries out",
                        );
                        self.skip(&item.value);
                        continue;
                    };
                    let key = self.eval(key);
                    let value = self.eval(&item.value);
                    match key.value {
                        Value::Text(t) => entries.push((t, value)),
                        _ => self.wrong(&key, "a key is a text", "write the key as a text literal"),
                    }
                }
                Value::Dict(entries)
            }
            Expr::Subscript(s) => {
                let base = self.eval(&s.value);
                if matches!(&*s.slice, Expr::Slice(_)) {
                    self.refuse(&s.slice);
                    return Value::Error;
                }
                let index = self.eval(&s.slice);
                self.subscript(base, index, span(e))
            }
            Expr::Call(c) => self.call(c, e),
            other => self.refuse(other),
        }
    }

    /// Reports a form that plans cannot use.
    fn refuse(&mut self, e: &Expr) -> Value {
        let (what, help) = forms::expression(e);
        self.unsupported(span(e), what, help);
        self.skip(e);
        Value::Error
    }

    fn members(&mut self, elements: &[Expr]) -> Vec<Item> {
        elements.iter().map(|e| self.eval(e)).collect()
    }

    fn name(&mut self, name: &str, at: Span) -> Value {
        // The parser's stand-in for what it could not read.
        if name.is_empty() {
            return Value::Error;
        }
        if let Some(var) = self.vars.get_mut(name) {
            var.read = true;
            return var.value.clone();
        }
        if self.may_be_bound(name) {
            return Value::Error;
        }
        let d = if tools::find(name).is_some() {
            Diagnostic::new(Code::TypeMismatch, at, format!("`{name}` is a tool, not a value"))
                .label("named, not called")
                .help(format!("call it: `{name}(session_id=…)`"))
        } else {
            let known: Vec<&str> = self.vars.keys().map(String::as_str).collect();
            let near: Vec<String> =
                similar::candidates(name, known).into_iter().map(str::to_owned).collect();
            let d = Diagnostic::new(Code::UnknownName, at, format!("`{name}` is bound nowhere"))
                .label("unknown name")
                .fact("found", name)
                .fact("candidates", near.clone());
            match near.first() {
                Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                    if near.len() == 1 { Applicability::Safe } else { Applicability::Unsafe },
                    format!("use `{best}`"),
                    at,
                    best.clone(),
                ),
                None => d.help("bind it before it is used"),
            }
        };
        self.report(d);
        // Once is enough.
        self.define(name, Value::Error);
        Value::Error
    }

    fn text(&self, s: &ExprStringLiteral) -> Text {
        let at = span(s);
        let value = s.value.to_str().to_owned();
        let source = at.text(self.text);
        let plain =
            source.len() == value.len() + 2 && source.get(1..source.len() - 1) == Some(&value);
        Text { value, span: at, plain }
    }

    fn number(&mut self, n: &ExprNumberLiteral, e: &Expr) -> Value {
        match &n.value {
            Number::Int(i) => match i.as_i64() {
                Some(i) => Value::Int(i),
                None => self.too_large(span(n)),
            },
            Number::Float(x) if x.is_finite() => Value::Float(*x),
            Number::Float(_) => self.too_large(span(n)),
            Number::Complex { .. } => self.refuse(e),
        }
    }

    fn too_large(&mut self, at: Span) -> Value {
        self.report(
            Diagnostic::new(Code::InvalidNumber, at, "a number that is out of range")
                .label("too large")
                .help("write a smaller number"),
        );
        Value::Error
    }

    fn signed(&mut self, negative: bool, inner: Item, at: Span) -> Value {
        match inner.value {
            Value::Int(i) if negative => i.checked_neg().map_or(Value::Error, Value::Int),
            Value::Float(x) if negative => Value::Float(-x),
            Value::Int(_) | Value::Float(_) => inner.value,
            Value::Error => Value::Error,
            found => {
                let d = Diagnostic::new(
                    Code::TypeMismatch,
                    at,
                    format!("a sign takes a number, and this is {}", found.describe()),
                )
                .label("not a number");
                let d = if matches!(found, Value::Vector(Coordinates::Direction(..), _)) {
                    d.help("set the viewpoint with the direction as it is, then `turn_camera(…, direction=\"back\")`")
                } else {
                    d.help("leave the sign out")
                };
                self.report(d);
                Value::Error
            }
        }
    }

    /// Reports a value of the wrong type; what was reported already is passed over.
    pub(crate) fn wrong(&mut self, item: &Item, takes: &str, help: &str) {
        if let Some(d) = self.mismatch(item, takes) {
            self.report(d.help(help));
        }
    }

    /// The report of a value of the wrong type.
    pub(crate) fn mismatch(&self, item: &Item, takes: &str) -> Option<Diagnostic> {
        if matches!(item.value, Value::Error) {
            return None;
        }
        let found = item.value.describe();
        Some(
            Diagnostic::new(Code::TypeMismatch, item.span, format!("{takes}, and this is {found}"))
                .label(found.clone())
                .fact("found", found),
        )
    }

    // ---- calls ----

    fn call(&mut self, c: &ExprCall, e: &Expr) -> Value {
        match &*c.func {
            Expr::Name(n) => {
                let (name, at) = (n.id.as_str(), span(n));
                if name.is_empty() {
                    self.skip(e);
                    return Value::Error;
                }
                if let Some(def) = tools::find(name) {
                    return self.tool(def, c, at, span(e));
                }
                if name == "list"
                    && let [Expr::Call(range)] = &*c.arguments.args
                    && c.arguments.keywords.is_empty()
                    && matches!(&*range.func, Expr::Name(r) if r.id == "range")
                {
                    return self.range(range, span(e));
                }
                self.unknown_tool(name, at, c, e)
            }
            Expr::Attribute(a) => {
                let what = format!("a method call (`.{}`)", a.attr.id);
                let help = match a.attr.id.as_str() {
                    "append" | "extend" => "write the whole list where it is returned",
                    _ => "call a tool by its name",
                };
                self.unsupported(span(e), what, help);
                self.skip(e);
                Value::Error
            }
            _ => self.refuse(e),
        }
    }

    fn unknown_tool(&mut self, name: &str, at: Span, c: &ExprCall, e: &Expr) -> Value {
        if name == "build_dynamic_spatial_memory" {
            self.report(
                Diagnostic::new(Code::PlannedOperation, at, format!("`{name}` is not there yet"))
                    .label("memories of moving things")
                    .help("build a static memory: `build_static_spatial_memory`"),
            );
            self.skip(e);
            // As if it were that memory, so that what is asked of it is read.
            self.memory = self.memory.or(Some(at));
            return Value::Memory;
        }
        if let Some((_, help)) = NOT_FOR_PLANS.iter().find(|n| n.0 == name) {
            self.report(
                Diagnostic::new(Code::UnknownOperation, at, format!("`{name}` is not for plans"))
                    .label("unknown tool")
                    .help(*help)
                    .fact("found", name),
            );
            self.skip(e);
            return if name.starts_with("build") || name.starts_with("load") {
                self.memory = self.memory.or(Some(at));
                Value::Memory
            } else {
                Value::Error
            };
        }
        if BUILTINS.contains(&name) {
            let help = match name {
                "print" => "put it in the list that is returned",
                "range" => "write the members out, or `list(range(1, 9))`",
                "len" | "min" | "max" | "sum" | "sorted" => {
                    "a plan cannot compute: leave the work to who reads the pictures"
                }
                _ => "write the value out",
            };
            self.unsupported(at, format!("Python's `{name}`"), help);
            self.skip(e);
            return Value::Error;
        }
        let near = similar::candidates(name, TOOLS.iter().map(|t| t.name));
        let mut d =
            Diagnostic::new(Code::UnknownOperation, at, format!("there is no tool `{name}`"))
                .label("unknown tool")
                .fact("found", name)
                .fact("candidates", near.clone());
        d = match near.first() {
            Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                if near.len() == 1 { Applicability::Safe } else { Applicability::Unsafe },
                format!("use `{best}`"),
                at,
                *best,
            ),
            None => {
                let names: Vec<&str> = TOOLS.iter().map(|t| t.name).collect();
                d.help(format!("the tools are {}", names.join(", ")))
            }
        };
        self.report(d);
        match near.as_slice() {
            [one] => match tools::find(one) {
                Some(def) => self.tool(def, c, at, span(e)),
                None => Value::Error,
            },
            _ => {
                self.skip(e);
                self.uncertain = true;
                Value::Error
            }
        }
    }

    /// `list(range(…))` of known numbers.
    fn range(&mut self, c: &ExprCall, at: Span) -> Value {
        let args = self.members(&c.arguments.args);
        let mut numbers = Vec::new();
        for a in &args {
            match a.value {
                Value::Int(i) => numbers.push(i),
                _ => {
                    self.wrong(a, "`range` takes whole numbers", "write the number out");
                    return Value::Error;
                }
            }
        }
        let (from, to, by) = match numbers.as_slice() {
            [to] => (0, *to, 1),
            [from, to] => (*from, *to, 1),
            [from, to, by] if *by != 0 => (*from, *to, *by),
            _ => {
                self.unsupported(at, "a `range` of this form", "write the members out");
                return Value::Error;
            }
        };
        let span = i128::from(to) - i128::from(from);
        let (span, by) = if by > 0 { (span, i128::from(by)) } else { (-span, -i128::from(by)) };
        let n = if span <= 0 { 0 } else { (span + by - 1) / by };
        if n > i128::from(MAX_RANGE) {
            self.report(
                Diagnostic::new(
                    Code::ProgramLimit,
                    at,
                    format!("a range of {n} members; a plan may list {MAX_RANGE}"),
                )
                .label("over the limit")
                .help("list fewer")
                .fact("limit", MAX_RANGE),
            );
            return Value::Error;
        }
        let step = if to >= from { by as i64 } else { -(by as i64) };
        let items = (0..n as i64).map(|i| Item { value: Value::Int(from + i * step), span: at });
        Value::List(items.collect())
    }
}
