//! Signatures as data, and the parser of the signature text used by the operation table.
//!
//! The syntax is that of `fn` headers in the language: `(a: Place, to: Place, by: Length? , n: Int = 3)
//! -> Length`. A test in the syntax crate parses every signature with the real grammar as well.

use std::fmt;

use crate::{Direction, Ty, Unit};

/// A default value: always a literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// A direction symbol.
    Direction(Direction),
    /// A list of direction symbols.
    Directions(Vec<Direction>),
    /// An integer.
    Int(i64),
    /// A quantity in canonical units, and as it was written.
    Quantity(f64, String),
    /// A truth value.
    Bool(bool),
    /// The empty list.
    EmptyList,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Name used at the call.
    pub name: String,
    /// Declared type.
    pub ty: Ty,
    /// `T?`: may be left out and then has no value; the operation decides.
    pub optional: bool,
    /// `= literal`.
    pub default: Option<Default>,
}

impl Param {
    /// Whether a call must supply it.
    pub fn required(&self) -> bool {
        !self.optional && self.default.is_none()
    }
}

/// A function type with named parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Parameters in declaration order; the first is the subject.
    pub params: Vec<Param>,
    /// Result.
    pub result: Ty,
    /// `-> Local in v`: the parameter whose view the result's frame is.
    pub result_in: Option<String>,
}

/// Why a signature text is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureError(pub String);

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SignatureError {}

impl Signature {
    /// Parses `(name: Type = default, …) -> Type`.
    pub fn parse(text: &str) -> Result<Signature, SignatureError> {
        let mut p = Cursor { rest: text };
        p.expect("(")?;
        let mut params = Vec::new();
        while !p.eat(")") {
            if !params.is_empty() {
                p.expect(",")?;
            }
            let name = p.word()?;
            p.expect(":")?;
            let ty = p.ty()?;
            let optional = p.eat("?");
            let default = if p.eat("=") { Some(p.default(&ty)?) } else { None };
            params.push(Param { name, ty, optional, default });
        }
        p.expect("->")?;
        let result = p.ty()?;
        let result_in = if p.eat("in ") { Some(p.word()?) } else { None };
        if !p.rest.trim().is_empty() {
            return Err(SignatureError(format!("left over: `{}`", p.rest.trim())));
        }
        Ok(Signature { params, result, result_in })
    }

    /// The parameter of this name and its position.
    pub fn param(&self, name: &str) -> Option<(usize, &Param)> {
        self.params.iter().enumerate().find(|(_, p)| p.name == name)
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let trimmed = self.rest.trim_start();
        match trimmed.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), SignatureError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(SignatureError(format!("expected `{token}` before `{}`", self.rest.trim())))
        }
    }

    fn word(&mut self) -> Result<String, SignatureError> {
        let trimmed = self.rest.trim_start();
        let end = trimmed
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(trimmed.len());
        if end == 0 {
            return Err(SignatureError(format!("expected a name before `{trimmed}`")));
        }
        self.rest = &trimmed[end..];
        Ok(trimmed[..end].to_owned())
    }

    fn ty(&mut self) -> Result<Ty, SignatureError> {
        let word = self.word()?;
        match word.as_str() {
            "List" => {
                self.expect("<")?;
                let inner = self.ty()?;
                self.expect(">")?;
                Ok(inner.list())
            }
            "Group" => {
                self.expect("<")?;
                let key = self.ty()?;
                self.expect(",")?;
                let inner = self.ty()?;
                self.expect(">")?;
                Ok(Ty::Group(Box::new(key), Box::new(inner)))
            }
            "fn" => {
                self.expect("(")?;
                let mut params = Vec::new();
                while !self.eat(")") {
                    if !params.is_empty() {
                        self.expect(",")?;
                    }
                    params.push(self.ty()?);
                }
                self.expect("->")?;
                Ok(Ty::Fn(params, Box::new(self.ty()?)))
            }
            _ if word.len() == 1 && word.as_bytes()[0].is_ascii_uppercase() => {
                Ok(Ty::Var(word.as_bytes()[0] as char))
            }
            _ => Ty::named(&word).ok_or_else(|| SignatureError(format!("unknown type `{word}`"))),
        }
    }

    fn default(&mut self, ty: &Ty) -> Result<Default, SignatureError> {
        if self.eat("[") {
            let mut list = Vec::new();
            while !self.eat("]") {
                if !list.is_empty() {
                    self.expect(",")?;
                }
                let word = self.word()?;
                list.push(
                    Direction::named(&word)
                        .ok_or_else(|| SignatureError(format!("unknown direction `{word}`")))?,
                );
            }
            return Ok(if list.is_empty() {
                Default::EmptyList
            } else {
                Default::Directions(list)
            });
        }
        let trimmed = self.rest.trim_start();
        if trimmed.starts_with(|c: char| c.is_ascii_digit()) {
            let end =
                trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(trimmed.len());
            let number = &trimmed[..end];
            let value: f64 =
                number.parse().map_err(|_| SignatureError(format!("bad number `{number}`")))?;
            self.rest = &trimmed[end..];
            if let Some(unit) = Unit::longest_prefix(self.rest) {
                self.rest = &self.rest[unit.name.len()..];
                return Ok(Default::Quantity(
                    unit.to_canonical(value),
                    format!("{number}{}", unit.name),
                ));
            }
            return Ok(if *ty == Ty::Int {
                Default::Int(value as i64)
            } else {
                Default::Quantity(value, number.to_owned())
            });
        }
        let word = self.word()?;
        match word.as_str() {
            "true" => Ok(Default::Bool(true)),
            "false" => Ok(Default::Bool(false)),
            _ => Direction::named(&word)
                .map(Default::Direction)
                .ok_or_else(|| SignatureError(format!("bad default `{word}`"))),
        }
    }
}

impl fmt::Display for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Default::Direction(d) => write!(f, "{d}"),
            Default::Directions(ds) => {
                f.write_str("[")?;
                for (i, d) in ds.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{d}")?;
                }
                f.write_str("]")
            }
            Default::Int(i) => write!(f, "{i}"),
            Default::Quantity(_, text) => f.write_str(text),
            Default::Bool(b) => write!(f, "{b}"),
            Default::EmptyList => f.write_str("[]"),
        }
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.ty)?;
        if self.optional {
            f.write_str("?")?;
        }
        if let Some(d) = &self.default {
            write!(f, " = {d}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (i, p) in self.params.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{p}")?;
        }
        write!(f, ") -> {}", self.result)?;
        if let Some(v) = &self.result_in {
            write!(f, " in {v}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in [
            "() -> Region",
            "(a: Place, to: Place) -> Length",
            "(view: View, to: Direction, by: Angle?) -> View",
            "(x: Place, from: View, among: List<Direction> = [front, right, back, left]) -> Direction",
            "(xs: List<T>, where: fn(T) -> Bool) -> List<T>",
            "(xs: List<T>, key: fn(T) -> K) -> List<Group<K, T>>",
            "(x: Place, in: View) -> Local in in",
            "(v: View, fov: Angle = 60deg, n: Int = 4, on: Bool = true, mark: List<Mark> = []) -> Image",
        ] {
            assert_eq!(Signature::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(Signature::parse("(a: Foo) -> Int").unwrap_err().0, "unknown type `Foo`");
        assert!(Signature::parse("(a: Int) Int").is_err());
        assert!(Signature::parse("(a: Int) -> Int junk").is_err());
    }
}
