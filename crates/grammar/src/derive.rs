//! From the parser's rules to rules over characters.

use std::collections::BTreeMap;
use std::fmt;

use reasmory_ops::{Effect, Need};
use reasmory_sema::catalogue::{self, Callable};
use reasmory_syntax::quote;
use reasmory_types::{Direction, Param, Ty};

use crate::lalrpop::{self, Sym, Written};
use crate::node::{Node, Rule};
use crate::{Grammar, Scope, terminals};

/// An operation that is asked for and is none, or that the scene cannot serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOperation {
    /// As it was written.
    pub name: String,
    /// Whether it exists, and the scene lacks what it reads.
    pub exists: bool,
}

impl fmt::Display for UnknownOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = quote(&self.name);
        if self.exists {
            write!(
                f,
                "{name} cannot be called here: the scene lacks what it reads, or it asks a model"
            )
        } else {
            write!(f, "{name} is no operation")
        }
    }
}

impl std::error::Error for UnknownOperation {}

/// Where a symbol stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    rule: &'a str,
    /// In the body of a function, where alone `return` stands.
    function: bool,
    first: bool,
    before: Option<&'a Sym>,
    after: Option<&'a Sym>,
}

/// Rules of statements; the bodies of functions have their own.
const STATEMENTS: &[&str] = &["Block", "Stmts", "Stmt", "StmtKind", "IfStmt", "ElseStmt"];

struct Deriving<'a> {
    written: BTreeMap<String, Written>,
    scope: Scope<'a>,
    /// What may be called, where that is closed.
    calls: Option<Vec<Callable>>,
    rules: Vec<Rule>,
}

/// `FnDecl` as `fn_decl`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn blanks() -> Node {
    Node::rule("ws").opt()
}

/// Blanks or a line's end.
fn space() -> Node {
    Node::Alt(vec![Node::rule("nl"), Node::rule("ws")]).opt()
}

fn is_token(s: Option<&Sym>, t: &str) -> bool {
    matches!(s, Some(Sym::Token(x)) if x == t)
}

/// A word or sign with the blanks that the canonical form has around it.
fn token(t: &str, place: Place<'_>) -> Node {
    let plain = Node::text(t);
    let ws = || Node::rule("ws");
    let with = |before: Vec<Node>, after: Vec<Node>| {
        Node::Seq(before.into_iter().chain([plain.clone()]).chain(after).collect())
    };
    match t {
        "true" | "false" => plain,
        "else" => with(vec![blanks()], vec![ws()]),
        "and" | "or" | "in" | "as" => with(vec![ws()], vec![ws()]),
        "for" | "if" if !place.first => with(vec![ws()], vec![ws()]),
        _ if t.starts_with(|c: char| c.is_ascii_lowercase()) => with(vec![], vec![ws()]),
        "," | ":" => with(vec![], vec![blanks()]),
        "{" => with(vec![blanks()], vec![space()]),
        "}" => with(vec![space()], vec![]),
        "<" | ">" if place.rule == "Type" => plain,
        "-" if place.rule == "Unary" => plain,
        // After a type in angle brackets, `>=` would be one sign.
        "=" if place.rule == "Param" => with(vec![ws()], vec![blanks()]),
        // `--` would be read as a sign of another language.
        "-" => with(vec![ws()], vec![ws()]),
        "(" | ")" | "[" | "]" | "." | ".." | "?" => plain,
        _ => with(vec![blanks()], vec![blanks()]),
    }
}

impl Deriving<'_> {
    fn closed(&self) -> bool {
        self.calls.is_some()
    }

    fn name(&self, place: Place<'_>) -> Node {
        Node::rule(match place.rule {
            "Type" => "type_name",
            "Arg" if is_token(place.after, "=") => "argument",
            "Param" => "argument",
            _ if is_token(place.before, ".") => "member",
            _ => "local",
        })
    }

    /// A terminal of the parser; `None` for what stands for something that was reported.
    fn terminal(&self, t: &str, place: Place<'_>) -> Option<Node> {
        Some(match t {
            "broken" | "foreign" => return None,
            "name" => self.name(place),
            "newline" => Node::rule("nl"),
            "int" | "number" | "measure" | "unit" => Node::rule(t),
            "text" if place.rule == "AtomKind" && self.closed() && self.scope.scene.is_some() => {
                Node::rule("category")
            }
            "text" => Node::rule("text"),
            other => token(other, place),
        })
    }

    fn symbol(&mut self, s: &Sym, place: Place<'_>, bound: &BTreeMap<String, Sym>) -> Option<Node> {
        match s {
            Sym::Token(t) => self.terminal(t, place),
            Sym::Rule(n, _) if n == "Ident" => self.terminal("name", place),
            Sym::Rule(n, _) if bound.contains_key(n) => {
                let meant = bound[n].clone();
                self.symbol(&meant, place, &BTreeMap::new())
            }
            Sym::Rule(n, _) if n == "Unary" && is_token(place.before, "-") => {
                self.symbol(&Sym::Rule("Postfix".into(), vec![]), place, bound)
            }
            // `<>` would be read as a sign of another language.
            Sym::Rule(n, arguments) if n == "Comma" && is_token(place.before, "<") => {
                let one = self.symbol(arguments.first()?, place, bound)?;
                let more = Node::Seq(vec![token(",", place), one.clone()]).star();
                Some(Node::Seq(vec![one, more]))
            }
            Sym::Rule(n, arguments) => {
                // A macro is written out for its arguments.
                let names: Vec<String> = arguments
                    .iter()
                    .map(|a| match a {
                        Sym::Rule(n, _) => snake(n),
                        _ => "x".to_owned(),
                    })
                    .collect();
                let own = std::iter::once(snake(n)).chain(names).collect::<Vec<_>>().join("_");
                let function =
                    STATEMENTS.contains(&n.as_str()) && (place.function || place.rule == "FnDecl");
                let own = if function { format!("fn_{own}") } else { own };
                self.rule(n, &own, arguments, function);
                Some(Node::Rule(own))
            }
            Sym::Group(inside) => self.sequence(inside, place, bound),
            Sym::Repeat(inside, how) => {
                let n = self.symbol(inside, place, bound)?;
                Some(match how {
                    '?' => n.opt(),
                    '*' => n.star(),
                    _ => n.plus(),
                })
            }
        }
    }

    fn sequence(
        &mut self,
        symbols: &[Sym],
        place: Place<'_>,
        bound: &BTreeMap<String, Sym>,
    ) -> Option<Node> {
        let mut out = Vec::new();
        for (i, s) in symbols.iter().enumerate() {
            let here = Place {
                rule: place.rule,
                function: place.function,
                first: place.first && i == 0,
                before: if i == 0 { place.before } else { symbols.get(i - 1) },
                after: symbols.get(i + 1).or(place.after),
            };
            out.push(self.symbol(s, here, bound)?);
        }
        Some(if out.len() == 1 { out.remove(0) } else { Node::Seq(out) })
    }

    fn rule(&mut self, name: &str, own: &str, arguments: &[Sym], function: bool) {
        if self.rules.iter().any(|r| r.name == own) {
            return;
        }
        let Some(w) = self.written.get(name).cloned() else { return };
        let at = self.rules.len();
        // Known before its body is made: rules are recursive.
        self.rules.push(Rule { name: own.to_owned(), body: Node::Seq(vec![]), terminal: false });
        let bound: BTreeMap<String, Sym> =
            w.parameters.iter().cloned().zip(arguments.iter().cloned()).collect();
        let mut branches = Vec::new();
        for a in &w.alternatives {
            if self.left_out(name, a, function) {
                continue;
            }
            let place = Place { rule: name, function, first: true, before: None, after: None };
            branches.extend(self.sequence(a, place, &bound));
        }
        if name == "Postfix" && self.closed() {
            branches.extend(self.calls_of_methods());
            branches.push(Node::rule("function_call"));
        }
        let body = if branches.len() == 1 { branches.remove(0) } else { Node::Alt(branches) };
        self.rules[at].body = body;
    }

    /// What stands elsewhere alone, and what a closed grammar has in another form, or not at all.
    fn left_out(&self, rule: &str, a: &[Sym], function: bool) -> bool {
        if rule == "StmtKind" && is_token(a.first(), "return") && !function {
            return true;
        }
        let calls = a.iter().any(|s| matches!(s, Sym::Rule(n, _) if n == "Args"));
        self.closed()
            && match rule {
                "Postfix" => calls || a.iter().any(|s| is_token(Some(s), ".")),
                // Names that are called are those of the table.
                "AnyItem" => !matches!(a.first(), Some(Sym::Rule(n, _)) if n == "Stmt"),
                _ => false,
            }
    }

    fn calls_of_methods(&mut self) -> Vec<Node> {
        let receiver = || Node::rule("postfix");
        let dot = |rule: &str| Node::Seq(vec![receiver(), Node::text("."), Node::rule(rule)]);
        vec![dot("field"), dot("method_call")]
    }

    /// The value of a parameter.
    fn value(&self, c: &Callable, p: &Param) -> Node {
        let photo = c.name() == "photo";
        match &p.ty {
            Ty::Fn(..) => Node::rule("lambda"),
            Ty::Direction => Node::rule("direction"),
            Ty::List(m) if **m == Ty::Direction => Node::rule("directions"),
            Ty::Text => Node::rule("text"),
            Ty::Category if self.scope.scene.is_some() => Node::rule("category"),
            Ty::Int if photo && self.scope.scene.is_some() => Node::rule("photo_number"),
            _ => Node::rule("expr"),
        }
    }

    /// The arguments of a call, from the parameter `from` on: the required ones, then the others in order.
    fn arguments(&self, c: &Callable, from: usize) -> Node {
        let mut out: Vec<Node> = Vec::new();
        let s = c.signature();
        let variadic = matches!(c, Callable::Op(o) if o.variadic);
        let group = match c {
            Callable::Op(o) => o.one_of,
            Callable::Std(_) => &[],
        };
        let mut open = false;
        let comma = || Node::Seq(vec![Node::text(","), blanks()]);
        let part = |i: usize, p: &Param| {
            let value = self.value(c, p);
            let named = Node::text(&format!("{}=", p.name));
            // `stand(at=x)` and `stand(x)` are one.
            let named = if i < c.positional() { named.opt() } else { named };
            Node::Seq(vec![named, value])
        };
        let mut one_of: Vec<Node> = Vec::new();
        for (i, p) in s.params.iter().enumerate().skip(from) {
            if group.contains(&p.name.as_str()) {
                one_of.push(part(i, p));
                continue;
            }
            if !p.required() {
                continue;
            }
            if open {
                out.push(comma());
            }
            out.push(part(i, p));
            open = true;
        }
        if !one_of.is_empty() {
            if open {
                out.push(comma());
            }
            out.push(Node::Alt(one_of));
            open = true;
        }
        let maybe: Vec<(usize, &Param)> = s
            .params
            .iter()
            .enumerate()
            .skip(from)
            .filter(|(_, p)| !p.required() && !group.contains(&p.name.as_str()))
            .collect();
        let optional: Vec<Node> = maybe.into_iter().map(|(i, p)| part(i, p)).collect();
        let after = |nodes: &[Node]| -> Vec<Node> {
            nodes.iter().map(|n| Node::Seq(vec![comma(), n.clone()]).opt()).collect()
        };
        let alone = !open && optional.is_empty();
        if open {
            out.extend(after(&optional));
        } else if !optional.is_empty() {
            // Whichever is given first has no comma before it.
            let firsts = (0..optional.len()).map(|i| {
                let rest = after(&optional[i + 1..]);
                Node::Seq(std::iter::once(optional[i].clone()).chain(rest).collect())
            });
            out.push(Node::Alt(firsts.collect()).opt());
        }
        if variadic && from == 0 {
            out.push(Node::Seq(vec![comma(), Node::rule("expr")]).star());
        }
        let abstains = matches!(c, Callable::Op(o) if o.abstains);
        let otherwise = Node::Seq(vec![Node::text("else="), Node::rule("expr")]);
        if abstains && open {
            out.push(Node::Seq(vec![comma(), otherwise]).opt());
        } else if abstains && alone {
            out.push(otherwise.opt());
        }
        Node::Seq(out)
    }

    fn call(&self, c: &Callable, from: usize) -> Node {
        Node::Seq(vec![
            Node::text(&format!("{}(", c.name())),
            self.arguments(c, from),
            Node::text(")"),
        ])
    }

    /// The rules of a closed grammar that the parser's file does not have.
    fn close(&mut self, calls: &[Callable]) {
        let plain = |name: &str, body: Node| Rule { name: name.to_owned(), body, terminal: false };
        let functions: Vec<Node> = calls.iter().map(|c| self.call(c, 0)).collect();
        let methods: Vec<Node> = calls
            .iter()
            .filter(|c| !c.signature().params.is_empty())
            .map(|c| self.call(c, 1))
            .collect();
        let mut fields: Vec<&str> = [Ty::Point, Ty::Local, Ty::Size]
            .iter()
            .filter_map(Ty::record)
            .flat_map(|r| r.fields.iter().map(|f| f.0))
            .collect();
        fields.extend(["key", "members"]);
        let words: Vec<&str> = Direction::ALL.iter().map(|d| d.name()).collect();
        let directions = Node::Seq(vec![
            Node::text("["),
            Node::rule("direction"),
            Node::Seq(vec![Node::text(","), blanks(), Node::rule("direction")]).star(),
            Node::text("]"),
        ]);
        let mut more = vec![
            plain("function_call", Node::Alt(functions)),
            plain("method_call", Node::Alt(methods)),
            plain("field", terminals::one_of(&fields)),
            plain("direction", terminals::one_of(&words)),
            plain("directions", directions),
        ];
        if let Some(m) = self.scope.scene {
            let names: Vec<String> = m.categories.iter().map(|c| quote(&c.name)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            // A scene without things has no noun; a text keeps the grammar whole.
            let nouns =
                if names.is_empty() { Node::rule("text") } else { terminals::one_of(&names) };
            more.push(plain("category", nouns));
            let numbers: Vec<String> = m.photos.iter().map(|p| p.number.to_string()).collect();
            let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
            let photos =
                if numbers.is_empty() { Node::rule("int") } else { terminals::one_of(&numbers) };
            more.push(plain("photo_number", photos));
        }
        self.rules.extend(more);
    }
}

/// Whether a call can be served.
fn possible(c: &Callable, scope: Scope<'_>) -> bool {
    if c.effect() == Effect::Model && !scope.model {
        return false;
    }
    let (Some(m), Callable::Op(o)) = (scope.scene, c) else { return true };
    o.needs.iter().all(|n| match n {
        Need::Photos => !m.photos.is_empty(),
        Need::Points => m.points > 0,
        Need::Room => m.room.is_some(),
        Need::Times => m.photos.iter().any(|p| p.time.is_some()),
    })
}

fn calls(scope: Scope<'_>) -> Result<Option<Vec<Callable>>, UnknownOperation> {
    if scope.scene.is_none() && scope.operations.is_none() {
        return Ok(None);
    }
    let Some(names) = scope.operations else {
        return Ok(Some(catalogue::all().into_iter().filter(|c| possible(c, scope)).collect()));
    };
    let mut out = Vec::new();
    for name in names {
        let found = catalogue::find(name);
        match found.filter(|c| possible(c, scope)) {
            Some(c) => out.push(c),
            None => {
                let name = name.clone();
                return Err(UnknownOperation { name, exists: found.is_some() });
            }
        }
    }
    out.sort_by_key(Callable::name);
    out.dedup_by_key(|c| c.name());
    Ok(Some(out))
}

pub(crate) fn derive(source: &str, scope: Scope<'_>) -> Result<Grammar, UnknownOperation> {
    let written = lalrpop::read(source)
        .unwrap_or_else(|e| unreachable!("a test reads the grammar file: {}", e.0));
    let calls = calls(scope)?;
    let relative = scope.scene.is_some_and(|m| !m.scale.is_metric());
    let mut d = Deriving {
        written: written.into_iter().map(|w| (w.name.clone(), w)).collect(),
        scope,
        calls: calls.clone(),
        rules: vec![],
    };
    let program = Node::Seq(vec![
        Node::rule("head").opt(),
        Node::rule("items").opt(),
        Node::rule("nl").opt(),
        blanks(),
        Node::rule("remark").opt(),
    ]);
    d.rules.push(Rule { name: "root".into(), body: program, terminal: false });
    d.rule("Items", "items", &[], false);
    if let Some(calls) = &calls {
        // Reached from calls alone.
        d.rule("Lambda", "lambda", &[], false);
        d.close(calls);
    }
    d.rules.extend(terminals::rules(relative));
    Ok(reachable(d.rules))
}

/// The rules that can be reached, in order.
fn reachable(rules: Vec<Rule>) -> Grammar {
    let mut wanted: Vec<&str> = vec!["root"];
    let mut at = 0;
    while at < wanted.len() {
        if let Some(r) = rules.iter().find(|r| r.name == wanted[at]) {
            let mut named = Vec::new();
            r.body.names(&mut named);
            for n in named {
                if !wanted.contains(&n) {
                    wanted.push(n);
                }
            }
        }
        at += 1;
    }
    let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
    Grammar { rules: rules.into_iter().filter(|r| wanted.contains(&r.name)).collect() }
}
