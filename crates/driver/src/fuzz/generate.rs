//! Programs composed by type from the operation table and the library.

use std::fmt::Write as _;

use reasmory_sema::catalogue::{self, Callable};
use reasmory_types::{Dim, Direction, Param, Ty, UNITS};

use super::{Random, scenes};

/// Values of type variables chosen so far.
type Bound = Vec<(char, Ty)>;

/// Names with their types.
type Scope = Vec<(String, Ty)>;

const ANSWERS: [Ty; 17] = [
    Ty::Bool,
    Ty::Int,
    Ty::NUMBER,
    Ty::LENGTH,
    Ty::AREA,
    Ty::VOLUME,
    Ty::ANGLE,
    Ty::Text,
    Ty::Category,
    Ty::Direction,
    Ty::Point,
    Ty::Local,
    Ty::Size,
    Ty::Object,
    Ty::Photo,
    Ty::View,
    Ty::Region,
];

const MEMBERS: [Ty; 11] = [
    Ty::Object,
    Ty::Object,
    Ty::Category,
    Ty::Photo,
    Ty::View,
    Ty::Int,
    Ty::LENGTH,
    Ty::NUMBER,
    Ty::Bool,
    Ty::Direction,
    Ty::Point,
];

/// A seeded source of programs, most of which check over the memories of the fuzz targets.
#[derive(Clone, Debug)]
pub struct Generator {
    random: Random,
    callables: Vec<Callable>,
    /// Names in scope.
    names: Scope,
    /// Functions of the program: name, parameters, result.
    functions: Vec<(String, Scope, Ty)>,
    /// Names made so far.
    made: usize,
    /// What may still be written before only leaves are.
    room: usize,
    /// Whether lengths may be written in metres.
    metric: bool,
}

impl Generator {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Generator {
        let mut callables = catalogue::all();
        // Without a model, and without a question, they only ever give an error.
        callables.retain(|c| !["pick", "options"].contains(&c.name()));
        Generator {
            random: Random::new(seed),
            callables,
            names: Vec::new(),
            functions: Vec::new(),
            made: 0,
            room: 0,
            metric: true,
        }
    }

    /// The next program.
    pub fn program(&mut self) -> String {
        self.names.clear();
        self.functions.clear();
        self.made = 0;
        self.metric = self.random.chance(75);
        let mut out = String::new();
        if self.random.chance(25) {
            for _ in 0..=self.random.below(2) {
                self.function(&mut out);
            }
        }
        for _ in 0..self.random.below(4) {
            self.statement(&mut out, 0);
        }
        self.room = 12;
        let ty = self.answer_type();
        let mut value = self.expr(&ty, 4);
        if let Ty::Quantity(d) = ty
            && self.random.chance(50)
            && (self.metric || d.length == 0)
        {
            let units: Vec<&str> = UNITS.iter().filter(|u| u.dim == d).map(|u| u.name).collect();
            if let Some(unit) = self.random.pick(&units) {
                value = format!("({value}) as {unit}");
            }
        }
        if self.random.chance(10) {
            let (c, other) = (self.expr(&Ty::Bool, 2), self.expr(&ty, 2));
            let _ = writeln!(out, "if {c} {{\n  answer {value}\n}} else {{\n  answer {other}\n}}");
        } else {
            let _ = writeln!(out, "answer {value}");
        }
        out
    }

    fn answer_type(&mut self) -> Ty {
        let ty = self.one(&ANSWERS);
        match self.random.below(10) {
            0 if self.random.chance(5) => Ty::Image.list(),
            0 => self.one(&MEMBERS).list(),
            1 => Ty::Group(Box::new(self.one(&MEMBERS)), Box::new(self.one(&MEMBERS))).list(),
            _ => ty,
        }
    }

    fn one(&mut self, from: &[Ty]) -> Ty {
        self.random.pick(from).cloned().unwrap_or(Ty::Int)
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.made += 1;
        format!("{stem}{}", self.made)
    }

    fn function(&mut self, out: &mut String) {
        let name = self.fresh("f");
        let outer = std::mem::take(&mut self.names);
        let params: Scope = (0..1 + self.random.below(3))
            .map(|_| {
                let ty = match self.random.below(6) {
                    0 => Ty::Place,
                    1 => Ty::Object.list(),
                    2 => Ty::View,
                    _ => self.one(&MEMBERS),
                };
                (self.fresh("p"), ty)
            })
            .collect();
        self.names.clone_from(&params);
        let result = match self.one(&ANSWERS) {
            // A signature would have to say which view it is in.
            Ty::Local => Ty::Bool,
            ty if self.random.chance(15) => ty.list(),
            ty => ty,
        };
        let list: Vec<String> = params.iter().map(|(n, t)| format!("{n}: {t}")).collect();
        let _ = writeln!(out, "fn {name}({}) -> {result} {{", list.join(", "));
        if self.random.chance(30) {
            self.binding(out, 1);
        }
        self.room = 8;
        let value = self.expr(&result, 3);
        let _ = writeln!(out, "  return {value}\n}}");
        self.names = outer;
        self.functions.push((name, params, result));
    }

    fn binding(&mut self, out: &mut String, indent: usize) {
        self.room = 8;
        let ty = match self.random.below(5) {
            0 => Ty::Object.list(),
            1 | 2 => Ty::View,
            _ => self.answer_type(),
        };
        let value = self.expr(&ty, 3);
        let name = self.fresh("x");
        let _ = writeln!(out, "{:1$}{name} = {value}", "", indent * 2);
        self.names.push((name, ty));
    }

    fn statement(&mut self, out: &mut String, depth: usize) {
        let pad = " ".repeat(depth * 2);
        self.room = 8;
        match self.random.below(if depth < 2 { 9 } else { 7 }) {
            0..=3 => self.binding(out, depth),
            4 | 5 => {
                let image = self.expr(&Ty::Image, 3);
                let _ = writeln!(out, "{pad}show {image}");
            }
            6 => {
                let c = self.expr(&Ty::Bool, 3);
                let c = if self.random.chance(80) { format!("({c}) or true") } else { c };
                let why = if self.random.chance(50) { ", \"why\"" } else { "" };
                let _ = writeln!(out, "{pad}assert {c}{why}");
            }
            7 => {
                let ty = self.one(&MEMBERS);
                let list = self.expr(&ty.clone().list(), 3);
                let name = self.fresh("i");
                let _ = writeln!(out, "{pad}for {name} in {list} {{");
                let scope = self.names.len();
                self.names.push((name, ty));
                for _ in 0..=self.random.below(2) {
                    self.statement(out, depth + 1);
                }
                self.names.truncate(scope);
                let _ = writeln!(out, "{pad}}}");
            }
            _ => {
                let c = self.expr(&Ty::Bool, 3);
                let _ = writeln!(out, "{pad}if {c} {{");
                let scope = self.names.len();
                self.statement(out, depth + 1);
                self.names.truncate(scope);
                if self.random.chance(50) {
                    let _ = writeln!(out, "{pad}}} else {{");
                    self.statement(out, depth + 1);
                    self.names.truncate(scope);
                }
                let _ = writeln!(out, "{pad}}}");
            }
        }
    }

    /// An expression of a type.
    fn expr(&mut self, ty: &Ty, depth: usize) -> String {
        match ty {
            Ty::Place => {
                let kinds = [
                    Ty::Object,
                    Ty::Object,
                    Ty::Object.list(),
                    Ty::Point,
                    Ty::View,
                    Ty::Photo,
                    Ty::Region,
                ];
                if self.random.chance(15) {
                    return self.noun(true);
                }
                if let Some(name) = self.named(ty)
                    && self.random.chance(40)
                {
                    return name;
                }
                let kind = self.one(&kinds);
                return self.expr(&kind, depth);
            }
            Ty::Mark => {
                let kinds =
                    [Ty::Object, Ty::Object.list(), Ty::Point, Ty::View, Ty::Photo, Ty::Region];
                let kind = self.one(&kinds);
                return self.expr(&kind, depth);
            }
            Ty::Extent => {
                if !self.metric || self.random.chance(40) {
                    return format!("{}%", 1 + self.random.below(90));
                }
                return self.expr(&Ty::LENGTH, depth);
            }
            _ => {}
        }
        if self.random.chance(if depth == 0 { 60 } else { 30 })
            && let Some(name) = self.named(ty)
        {
            return name;
        }
        if depth == 0 || self.room == 0 {
            return self.leaf(ty);
        }
        self.room -= 1;
        if self.random.chance(7) && !matches!(ty, Ty::List(m) if **m == Ty::Mark) {
            let (c, a, b) = (
                self.expr(&Ty::Bool, depth - 1),
                self.expr(ty, depth - 1),
                self.expr(ty, depth - 1),
            );
            return format!("(if {c} {{ {a} }} else {{ {b} }})");
        }
        if self.random.chance(6) && !matches!(ty, Ty::List(m) if **m == Ty::Mark) {
            let list = self.expr(&ty.clone().list(), depth - 1);
            let index = if self.random.chance(85) { 1 } else { 2 };
            return format!("({list})[{index}]");
        }
        if self.random.chance(8) && !self.functions.is_empty() {
            let fits: Vec<_> = self.functions.iter().filter(|f| f.2 == *ty).cloned().collect();
            if let Some((name, params, _)) = self.random.pick(&fits).cloned() {
                let args: Vec<String> =
                    params.iter().map(|(_, t)| self.expr(t, depth - 1)).collect();
                return format!("{name}({})", args.join(", "));
            }
        }
        if self.random.chance(35)
            && let Some(text) = self.operators(ty, depth - 1)
        {
            return text;
        }
        self.call(ty, depth - 1)
    }

    /// A name of this type in scope.
    fn named(&mut self, ty: &Ty) -> Option<String> {
        let fits: Vec<&String> = self.names.iter().filter(|n| n.1 == *ty).map(|n| &n.0).collect();
        self.random.pick(&fits).map(|n| (*n).clone())
    }

    fn noun(&mut self, single: bool) -> String {
        let fits: Vec<&str> =
            scenes::CATEGORIES.iter().filter(|c| c.1 || !single).map(|c| c.0).collect();
        format!("\"{}\"", self.random.pick(&fits).unwrap_or(&"sofa"))
    }

    fn direction(&mut self, sectors: bool) -> Direction {
        let fits: Vec<Direction> = Direction::ALL
            .iter()
            .copied()
            .filter(|d| !sectors || d.sector_center().is_some())
            .filter(|d| !sectors || !matches!(d, Direction::Forward | Direction::Backward))
            .collect();
        self.random.pick(&fits).copied().unwrap_or(Direction::Front)
    }

    fn number(&mut self) -> String {
        match self.random.below(6) {
            0 => "0".to_owned(),
            1 => "9223372036854775807".to_owned(),
            2 => self.random.below(1000).to_string(),
            _ => self.random.below(5).to_string(),
        }
    }

    /// The shortest expression of a type.
    fn leaf(&mut self, ty: &Ty) -> String {
        let n = self.random.below(5);
        match ty {
            Ty::Bool => if self.random.chance(50) { "true" } else { "false" }.to_owned(),
            Ty::Int => self.number(),
            Ty::Quantity(d) if *d == Dim::NONE => match n {
                0 => "0.5".to_owned(),
                1 => format!("{}%", self.random.below(101)),
                _ => format!("{}.{}", self.number(), self.random.below(100)),
            },
            Ty::Quantity(d) if *d == Dim::LENGTH && !self.metric => match n {
                0 => "diagonal()".to_owned(),
                1 => format!("distance({}, to={})", self.noun(true), self.noun(true)),
                _ => format!("diagonal() * 0.{}", 1 + self.random.below(9)),
            },
            Ty::Quantity(d) if *d == Dim::AREA && !self.metric => "floor_area(room())".to_owned(),
            Ty::Quantity(d) if *d == Dim::VOLUME && !self.metric => {
                format!("volume({})", self.noun(true))
            }
            Ty::Quantity(d) => {
                let units: Vec<&str> =
                    UNITS.iter().filter(|u| u.dim == *d).map(|u| u.name).collect();
                match self.random.pick(&units) {
                    Some(unit) if n == 0 => format!("{}.{}{unit}", self.number(), n),
                    Some(unit) => format!("{}{unit}", 1 + self.random.below(200)),
                    None => "0".to_owned(),
                }
            }
            Ty::Text | Ty::Noun => match n {
                0 => "\"\"".to_owned(),
                1 => "\"é\\n\\u{1FA91}\"".to_owned(),
                _ => self.noun(false),
            },
            Ty::Category => match n {
                0 => format!("category({})", self.noun(true)),
                _ => self.noun(false),
            },
            Ty::Direction => self.direction(false).name().to_owned(),
            Ty::Point => format!("center({})", self.noun(true)),
            Ty::Local => format!("local({}, from=photo(1).view())", self.noun(true)),
            Ty::Size => format!("size({})", self.noun(true)),
            Ty::Object => match n {
                0 => "best(\"chair\")".to_owned(),
                1 => "objects().first()".to_owned(),
                _ => format!("the({})", self.noun(true)),
            },
            Ty::Photo => format!("photo({})", 1 + self.random.below(2)),
            Ty::View => match n {
                0 | 1 => format!("photo({}).view()", 1 + self.random.below(2)),
                2 => format!("stand(at={}, heading=30deg)", self.noun(true)),
                _ => {
                    let at = self.noun(true);
                    let mut facing = self.noun(true);
                    while facing == at {
                        facing = self.noun(true);
                    }
                    format!("stand(at={at}, facing={facing})")
                }
            },
            Ty::Region => if n < 3 { "room()" } else { "floor()" }.to_owned(),
            Ty::Image => match n {
                0 => "plan()".to_owned(),
                1 => "picture(photo(1))".to_owned(),
                _ => "top(mark=[\"sofa\", photo(1)])".to_owned(),
            },
            Ty::List(m) => match (&**m, n) {
                (Ty::Object, 0) => "objects()".to_owned(),
                (Ty::Object, 1) => "objects(\"door\").without(the(\"door\"))".to_owned(),
                (Ty::Object, _) => format!("objects({})", self.noun(false)),
                (Ty::Photo, 0..=2) => "photos()".to_owned(),
                (Ty::Category, 0..=1) => "categories()".to_owned(),
                (Ty::Int, 0..=2) => format!("{}..{}", self.random.below(4), self.random.below(9)),
                (Ty::Group(k, x), _) => {
                    let (list, key) = (self.leaf(&x.clone().list()), self.leaf(k));
                    let name = self.fresh("g");
                    format!("({list}).group_by({name} => {key})")
                }
                (member, _) => {
                    let members: Vec<String> =
                        (0..=self.random.below(3)).map(|_| self.leaf(member)).collect();
                    format!("[{}]", members.join(", "))
                }
            },
            Ty::Group(k, x) => {
                format!("({}).first()", self.leaf(&Ty::Group(k.clone(), x.clone()).list()))
            }
            Ty::Place | Ty::Mark => self.noun(true),
            Ty::Extent => "10%".to_owned(),
            Ty::Fn(..) | Ty::Var(_) | Ty::Error | Ty::Vector | Ty::Box | Ty::Track | Ty::Route => {
                "0".to_owned()
            }
        }
    }

    /// An expression of a type made with an operator, where there is one.
    fn operators(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let n = self.random.below(6);
        Some(match ty {
            Ty::Bool => match n {
                0 => format!("not ({})", self.expr(&Ty::Bool, depth)),
                1 => {
                    let word = if self.random.chance(50) { "and" } else { "or" };
                    let (a, b) = (self.expr(&Ty::Bool, depth), self.expr(&Ty::Bool, depth));
                    format!("(({a}) {word} ({b}))")
                }
                2 => {
                    let same = [Ty::Int, Ty::Category, Ty::Direction, Ty::Object, Ty::Photo];
                    let kind = self.one(&same);
                    let op = if self.random.chance(50) { "==" } else { "!=" };
                    let (a, b) = (self.expr(&kind, depth), self.expr(&kind, depth));
                    format!("(({a}) {op} ({b}))")
                }
                _ => {
                    let kind = self.one(&[Ty::Int, Ty::LENGTH, Ty::ANGLE, Ty::NUMBER, Ty::AREA]);
                    let op = ["<", "<=", ">", ">="][self.random.below(4)];
                    let (a, b) = (self.expr(&kind, depth), self.expr(&kind, depth));
                    format!("(({a}) {op} ({b}))")
                }
            },
            Ty::Int | Ty::Quantity(_) if n < 2 => {
                let op = if self.random.chance(50) { "+" } else { "-" };
                let (a, b) = (self.expr(ty, depth), self.expr(ty, depth));
                format!("(({a}) {op} ({b}))")
            }
            Ty::Int if n == 2 => format!("-({})", self.expr(ty, depth)),
            Ty::Int => {
                let (a, b) = (self.expr(ty, depth), self.expr(ty, depth));
                format!("(({a}) * ({b}))")
            }
            Ty::Quantity(d) => match n {
                2 => format!("(-({}))", self.expr(ty, depth)),
                3 => {
                    let op = if self.random.chance(50) { "*" } else { "/" };
                    let (a, b) = (self.expr(ty, depth), self.expr(&Ty::NUMBER, depth));
                    format!("(({a}) {op} ({b}))")
                }
                4 if *d == Dim::LENGTH => {
                    let (record, fields) = [
                        (Ty::Point, ["x", "y", "z"]),
                        (Ty::Size, ["length", "width", "height"]),
                        (Ty::Local, ["right", "up", "forward"]),
                    ][self.random.below(3)]
                    .clone();
                    let field = fields[self.random.below(3)];
                    format!("({}).{field}", self.expr(&record, depth))
                }
                4 if *d == Dim::AREA => {
                    let (a, b) = (self.expr(&Ty::LENGTH, depth), self.expr(&Ty::LENGTH, depth));
                    format!("(({a}) * ({b}))")
                }
                _ => {
                    let kind = self.one(&[Ty::LENGTH, Ty::ANGLE, Ty::AREA]);
                    let Ty::Quantity(k) = kind else { return None };
                    let (a, b) = (self.expr(&Ty::Quantity(d.times(k)), 0), self.expr(&kind, depth));
                    if *d != Dim::NONE && Ty::Quantity(d.times(k)) != Ty::AREA {
                        return None;
                    }
                    format!("(({a}) / ({b}))")
                }
            },
            Ty::List(member) if **member != Ty::Mark => match n {
                0 if **member == Ty::Int => {
                    let (a, b) = (self.leaf(&Ty::Int), self.leaf(&Ty::Int));
                    format!("(({a})..({b}))")
                }
                0 | 1 => {
                    let members: Vec<String> =
                        (0..=self.random.below(3)).map(|_| self.expr(member, depth)).collect();
                    format!("[{}]", members.join(", "))
                }
                _ => {
                    let over = self.one(&MEMBERS);
                    let list = self.expr(&over.clone().list(), depth);
                    let name = self.fresh("c");
                    let scope = self.names.len();
                    self.names.push((name.clone(), over));
                    let value = self.expr(member, depth);
                    let condition = if self.random.chance(40) {
                        format!(" if {}", self.expr(&Ty::Bool, depth))
                    } else {
                        String::new()
                    };
                    self.names.truncate(scope);
                    format!("[{value} for {name} in {list}{condition}]")
                }
            },
            Ty::List(_) => {
                let members: Vec<String> =
                    (0..=self.random.below(3)).map(|_| self.expr(&Ty::Mark, depth)).collect();
                format!("[{}]", members.join(", "))
            }
            _ => return None,
        })
    }

    /// A call whose result is of a type, else a leaf.
    fn call(&mut self, ty: &Ty, depth: usize) -> String {
        let fits: Vec<(Callable, Bound)> = self
            .callables
            .iter()
            .filter_map(|c| {
                let mut bound = Bound::new();
                let rooted = matches!(ty, Ty::Quantity(d) if matches!(*d, Dim::NONE | Dim::LENGTH));
                if (c.name() == "sqrt" && !rooted) || (c.name() == "mean" && *ty == Ty::Int) {
                    return None;
                }
                unify(&c.signature().result, ty, &mut bound).then_some((*c, bound))
            })
            .collect();
        let Some((callable, mut bound)) = self.random.pick(&fits).cloned() else {
            return self.leaf(ty);
        };
        let signature = callable.signature();
        let (one_of, variadic, abstains): (&[&str], bool, bool) = match callable {
            Callable::Op(o) => (o.one_of, o.variadic, o.abstains),
            Callable::Std(_) => (&[], false, false),
        };
        let chosen = self.random.pick(one_of).copied();
        let mut subject = None;
        let mut args: Vec<String> = Vec::new();
        let mut named = false;
        for (i, p) in signature.params.iter().enumerate() {
            let alternative = one_of.contains(&p.name.as_str());
            let given = if alternative {
                chosen == Some(p.name.as_str())
            } else {
                p.required() || self.random.chance(45)
            };
            if !given {
                named = true;
                continue;
            }
            let value = self.argument(callable.name(), p, &mut bound, depth);
            if i == 0 && !variadic && self.random.chance(35) {
                subject = Some(value);
            } else if named || i >= callable.positional() || (i > 0 && self.random.chance(50)) {
                named = true;
                args.push(format!("{}={value}", p.name));
            } else {
                args.push(value);
            }
        }
        if abstains && self.random.chance(25) {
            let value = self.expr(ty, depth.saturating_sub(1));
            args.push(format!("else={value}"));
        }
        let args = args.join(", ");
        match subject {
            Some(s) => format!("({s}).{}({args})", callable.name()),
            None => format!("{}({args})", callable.name()),
        }
    }

    fn argument(&mut self, op: &str, p: &Param, bound: &mut Bound, depth: usize) -> String {
        match &p.ty {
            Ty::Fn(params, result) => {
                let names: Scope =
                    params.iter().map(|t| (self.fresh("e"), self.concrete(t, bound))).collect();
                let result = self.concrete(result, bound);
                let scope = self.names.len();
                self.names.extend(names.iter().cloned());
                let body = self.expr(&result, depth);
                self.names.truncate(scope);
                let head: Vec<&str> = names.iter().map(|n| n.0.as_str()).collect();
                format!("{} => {body}", head.join(", "))
            }
            Ty::List(m) if **m == Ty::Direction => {
                let mut all: Vec<Direction> = (0..2 + self.random.below(3))
                    .map(|_| self.direction(true))
                    .filter(|d| *d != Direction::None || op == "turn_needed")
                    .collect();
                all.sort();
                all.dedup();
                let names: Vec<&str> = all.iter().map(|d| d.name()).collect();
                format!("[{}]", names.join(", "))
            }
            Ty::Direction => {
                let words: &[&str] = if op == "turn" {
                    &["left", "right", "back", "up", "down"]
                } else {
                    &["left", "right", "forward", "backward", "up", "down"]
                };
                self.random.pick(words).map_or(String::new(), |w| (*w).to_owned())
            }
            Ty::Category if op == "the" => self.noun(true),
            Ty::Var('Q') if op == "sqrt" => {
                // The result decides; only these two have a root that the surface can name.
                let area = bound.iter().any(|b| b.1 == Ty::LENGTH);
                self.expr(if area { &Ty::AREA } else { &Ty::NUMBER }, depth)
            }
            Ty::Place | Ty::Object if matches!(op, "stand" | "turned_to" | "look_at") => {
                let ty = if p.ty == Ty::Place && self.random.chance(50) {
                    Ty::Point
                } else {
                    Ty::Object
                };
                self.expr(&ty, depth)
            }
            Ty::Int if op == "photo" => (1 + self.random.below(2)).to_string(),
            ty => {
                let ty = self.concrete(ty, bound);
                self.expr(&ty, depth)
            }
        }
    }

    /// A type without variables; those not bound yet are chosen.
    fn concrete(&mut self, ty: &Ty, bound: &mut Bound) -> Ty {
        match ty {
            Ty::Var(v) => {
                if let Some((_, t)) = bound.iter().find(|b| b.0 == *v) {
                    return t.clone();
                }
                let chosen = match v {
                    'Q' => self.one(&[Ty::Int, Ty::LENGTH, Ty::NUMBER, Ty::ANGLE, Ty::AREA]),
                    'K' => self.one(&[Ty::Int, Ty::LENGTH, Ty::NUMBER, Ty::ANGLE, Ty::Photo]),
                    _ => self.one(&MEMBERS),
                };
                bound.push((*v, chosen.clone()));
                chosen
            }
            Ty::List(m) => self.concrete(m, bound).list(),
            Ty::Group(k, x) => {
                Ty::Group(Box::new(self.concrete(k, bound)), Box::new(self.concrete(x, bound)))
            }
            other => other.clone(),
        }
    }
}

/// Whether a declared result can be a type, and what its variables then are.
fn unify(declared: &Ty, wanted: &Ty, bound: &mut Bound) -> bool {
    match (declared, wanted) {
        (Ty::Var('Q'), Ty::Int | Ty::Quantity(_)) | (Ty::Var('T' | 'U'), _) => {
            let Ty::Var(v) = declared else { return false };
            if matches!(wanted, Ty::Image | Ty::Mark | Ty::Place | Ty::Extent | Ty::Local) {
                return false;
            }
            match bound.iter().find(|b| b.0 == *v) {
                Some((_, t)) => t == wanted,
                None => {
                    bound.push((*v, wanted.clone()));
                    true
                }
            }
        }
        (Ty::List(a), Ty::List(b)) => unify(a, b, bound),
        (Ty::Group(a, b), Ty::Group(c, d)) => unify(a, c, bound) && unify(b, d, bound),
        (a, b) => a == b,
    }
}
