//! Reads the rules of a LALRPOP file: names, alternatives, symbols. Types and actions are passed over, and of
//! what a feature turns on or off the strict form is kept.

/// A symbol of an alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sym {
    /// `"answer"`, `"name"`.
    Token(String),
    /// A rule, with arguments where it is a macro.
    Rule(String, Vec<Sym>),
    /// Symbols in parentheses.
    Group(Vec<Sym>),
    /// `?`, `*` or `+` after a symbol.
    Repeat(Box<Sym>, char),
}

/// A rule as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub name: String,
    pub parameters: Vec<String>,
    pub alternatives: Vec<Vec<Sym>>,
}

/// What stands in the file where something else is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tok {
    Name(String),
    Text(String),
    Sign(char),
    /// `=>`
    Arrow,
}

fn tokens(source: &str) -> Vec<Tok> {
    let mut out = Vec::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next_if(|c| *c != '"') {
                    text.push(c);
                }
                chars.next();
                out.push(Tok::Text(text));
            }
            '=' if chars.peek() == Some(&'>') => {
                chars.next();
                out.push(Tok::Arrow);
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut name = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                out.push(Tok::Name(name));
            }
            c if c.is_whitespace() => {}
            c => out.push(Tok::Sign(c)),
        }
    }
    out
}

struct Reader {
    tokens: Vec<Tok>,
    at: usize,
}

type Read<T> = Result<T, Unreadable>;

/// Deepest nesting of symbols that is followed.
const DEEPEST: usize = 32;

impl Reader {
    fn peek(&self) -> Option<&Tok> {
        self.tokens.get(self.at)
    }

    fn eat(&mut self, t: &Tok) -> bool {
        let hit = self.peek() == Some(t);
        self.at += usize::from(hit);
        hit
    }

    fn sign(&mut self, c: char) -> bool {
        self.eat(&Tok::Sign(c))
    }

    fn need(&mut self, c: char) -> Read<()> {
        if self.sign(c) { Ok(()) } else { Err(self.stuck(&format!("`{c}`"))) }
    }

    fn stuck(&self, wanted: &str) -> Unreadable {
        Unreadable(format!("{wanted} is needed before {:?}", self.peek()))
    }

    fn name(&mut self) -> Read<String> {
        match self.peek() {
            Some(Tok::Name(n)) => {
                let n = n.clone();
                self.at += 1;
                Ok(n)
            }
            _ => Err(self.stuck("a name")),
        }
    }

    /// Passes over everything up to one of these signs outside of brackets.
    fn skip_to(&mut self, ends: &[char]) {
        let mut depth = 0i32;
        while let Some(t) = self.peek() {
            if let Tok::Sign(c) = t {
                if depth == 0 && ends.contains(c) {
                    return;
                }
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' if depth == 0 => return,
                    ')' | ']' | '}' => depth -= 1,
                    _ => {}
                }
            }
            self.at += 1;
        }
    }

    /// Attributes; whether what follows belongs to the strict form.
    fn kept(&mut self) -> Read<bool> {
        let mut kept = true;
        while self.sign('#') {
            self.need('[')?;
            let start = self.at;
            self.skip_to(&[]);
            let inside = &self.tokens[start..self.at];
            let cfg = inside.first() == Some(&Tok::Name("cfg".into()));
            if cfg && inside.contains(&Tok::Text("strict".into())) {
                kept &= !inside.contains(&Tok::Name("not".into()));
            }
            self.need(']')?;
        }
        Ok(kept)
    }

    fn symbols(&mut self, depth: usize) -> Read<Vec<Sym>> {
        let mut out = Vec::new();
        while let Some(s) = self.symbol(depth)? {
            out.extend(s);
        }
        Ok(out)
    }

    /// A symbol; `Some(None)` is one that takes no input, `None` is the end of them.
    #[allow(clippy::option_option)]
    fn symbol(&mut self, depth: usize) -> Read<Option<Option<Sym>>> {
        if depth > DEEPEST {
            return Err(Unreadable("symbols are nested too deeply".into()));
        }
        let mut out = match self.peek() {
            Some(Tok::Text(t)) => {
                let t = t.clone();
                self.at += 1;
                Some(Sym::Token(t))
            }
            Some(Tok::Sign('@')) => {
                self.at += 1;
                self.name()?;
                None
            }
            Some(Tok::Sign('<')) => {
                self.at += 1;
                self.eat(&Tok::Name("mut".into()));
                let labelled = matches!(
                    (self.tokens.get(self.at), self.tokens.get(self.at + 1)),
                    (Some(Tok::Name(_)), Some(Tok::Sign(':')))
                );
                self.at += if labelled { 2 } else { 0 };
                let inside = self.symbols(depth + 1)?;
                self.need('>')?;
                group(inside)
            }
            Some(Tok::Sign('(')) => {
                self.at += 1;
                let inside = self.symbols(depth + 1)?;
                self.need(')')?;
                group(inside)
            }
            Some(Tok::Name(_)) => {
                let name = self.name()?;
                let mut arguments = Vec::new();
                if self.sign('<') {
                    while !self.sign('>') {
                        match self.symbol(depth + 1)? {
                            Some(Some(s)) => arguments.push(s),
                            Some(None) => {}
                            None => return Err(self.stuck("an argument")),
                        }
                        self.sign(',');
                    }
                }
                Some(Sym::Rule(name, arguments))
            }
            _ => return Ok(None),
        };
        while let Some(Tok::Sign(c @ ('?' | '*' | '+'))) = self.peek().cloned() {
            self.at += 1;
            out = out.map(|s| Sym::Repeat(Box::new(s), c));
        }
        Ok(Some(out))
    }

    /// An alternative without its action.
    fn alternative(&mut self) -> Read<Vec<Sym>> {
        let out = self.symbols(0)?;
        if self.eat(&Tok::Arrow) {
            self.skip_to(&[',', ';']);
        }
        Ok(out)
    }

    fn rule(&mut self) -> Read<Option<Written>> {
        let kept = self.kept()?;
        self.eat(&Tok::Name("pub".into()));
        let name = self.name()?;
        let mut parameters = Vec::new();
        if self.sign('<') {
            while !self.sign('>') {
                parameters.push(self.name()?);
                self.sign(',');
            }
        }
        if self.sign(':') {
            self.skip_to(&['=']);
        }
        self.need('=')?;
        let mut alternatives = Vec::new();
        if self.sign('{') {
            while !self.sign('}') {
                let kept = self.kept()?;
                let a = self.alternative()?;
                if kept {
                    alternatives.push(a);
                }
                if !self.sign(',') && self.peek() != Some(&Tok::Sign('}')) {
                    return Err(self.stuck("`,` or `}`"));
                }
            }
        } else {
            alternatives.push(self.alternative()?);
        }
        self.need(';')?;
        Ok(kept.then_some(Written { name, parameters, alternatives }))
    }
}

fn group(mut inside: Vec<Sym>) -> Option<Sym> {
    match inside.len() {
        0 => None,
        1 => inside.pop(),
        _ => Some(Sym::Group(inside)),
    }
}

/// The rules of a file, in order.
pub(crate) fn read(source: &str) -> Result<Vec<Written>, Unreadable> {
    let mut r = Reader { tokens: tokens(source), at: 0 };
    // What comes before the rules: imports, the head of the grammar, the tokens.
    while r.peek().is_some() && !r.eat(&Tok::Name("extern".into())) {
        r.at += 1;
    }
    r.need('{')?;
    r.skip_to(&[]);
    r.need('}')?;
    let mut out = Vec::new();
    while r.peek().is_some() {
        out.extend(r.rule()?);
    }
    Ok(out)
}

/// Any bytes as a file: rules or a reason, never a panic.
pub fn fuzz(bytes: &[u8]) {
    let _ = read(&String::from_utf8_lossy(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strict_form_is_read() {
        let rules = read(crate::SOURCE).unwrap();
        let of = |name: &str| rules.iter().find(|r| r.name == name).unwrap();
        assert!(rules.iter().all(|r| r.name != "TopItem" && r.name != "Header"));
        assert_eq!(of("Params").alternatives.len(), 1);
        // `fn` without a result is reported, so it is left out.
        assert_eq!(of("FnDecl").alternatives.len(), 1);
        assert_eq!(of("Cond").alternatives, [[Sym::Rule("Expr".into(), vec![])]]);
        assert_eq!(of("Comma").parameters, ["T"]);
        let token = |t: &str| Sym::Token(t.into());
        assert_eq!(
            of("ElseExpr").alternatives[0],
            [token("else"), token("{"), Sym::Rule("Expr".into(), vec![]), token("}")]
        );
        let range = &of("Range").alternatives[0];
        assert!(
            matches!(&range[1], Sym::Repeat(g, '?') if matches!(**g, Sym::Group(_))),
            "{range:?}"
        );
    }

    #[test]
    fn mangled_files() {
        let text = crate::SOURCE;
        for i in (0..text.len()).step_by(131) {
            fuzz(&text.as_bytes()[..i]);
            for c in [b'<', b'"', b'{', b'}', b'=', 0xff] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[i] = c;
                fuzz(&bytes);
            }
        }
    }
}
