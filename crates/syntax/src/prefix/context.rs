//! Where a text ends, in the terms of names: for hints about what may be written there. Nothing here decides
//! whether a prefix is live.

use crate::lexer;
use crate::token::{Sign, Tok, Token, Word};

/// What the next token is, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A member, after `.`.
    Member,
    /// A unit, after `as`.
    Unit,
    /// A type.
    Type,
    /// The name of something new.
    New,
    /// Anything else.
    Other,
}

/// The call whose argument is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// What is called.
    pub callee: String,
    /// `x.f(`: the first parameter is given.
    pub method: bool,
    /// Names of the arguments given by name, this one included.
    pub given: Vec<String>,
    /// Arguments before this one.
    pub index: usize,
    /// The name of this one, if it has one.
    pub name: Option<String>,
    /// Nothing of this one is written yet.
    pub starts: bool,
    /// It stands in a list that is the argument, or part of it.
    pub in_list: bool,
}

/// The end of a live text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What comes next.
    pub place: Place,
    /// The innermost call around it.
    pub argument: Option<Argument>,
    /// Whether a text here is a reason or the name of a test.
    pub remark: bool,
    /// Names bound so far, sorted: values, functions, parameters.
    pub names: Vec<String>,
}

#[derive(Default)]
struct Frame {
    callee: Option<(String, bool)>,
    header: bool,
    list: bool,
    given: Vec<String>,
    index: usize,
    name: Option<String>,
    starts: bool,
}

/// Where `text`, which ends between two tokens of a live text, ends.
pub fn context(text: &str) -> Context {
    let tokens = lexer::lex(text, &[]).tokens;
    let mut frames: Vec<Frame> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut remark = false;
    for (i, t) in tokens.iter().enumerate() {
        let before = |n: usize| i.checked_sub(n).map(|k| &tokens[k].token);
        if let Some(f) = frames.last_mut() {
            f.starts = false;
        }
        if t.line != i.checked_sub(1).map_or(0, |k| tokens[k].line) {
            remark &= !frames.is_empty();
        }
        match &t.token {
            Token::Word(Word::Assert) => remark = true,
            Token::Sign(s @ (Sign::LParen | Sign::LBracket | Sign::LBrace)) => {
                let name = before(1).and_then(named).filter(|_| *s == Sign::LParen);
                let header = before(2).is_some_and(|t| t.is_word(Word::Fn));
                let method = before(2).is_some_and(|t| t.is(Sign::Dot));
                frames.push(Frame {
                    callee: name.filter(|_| !header).map(|n| (n.to_owned(), method)),
                    header: header && *s == Sign::LParen,
                    list: *s == Sign::LBracket,
                    starts: true,
                    ..Frame::default()
                });
            }
            Token::Sign(Sign::RParen | Sign::RBracket | Sign::RBrace) => {
                frames.pop();
            }
            Token::Sign(Sign::Comma) => {
                if let Some(f) = frames.last_mut() {
                    (f.name, f.starts) = (None, true);
                    f.index += 1;
                }
            }
            Token::Sign(Sign::Assign) => {
                let Some(n) = before(1).and_then(named) else { continue };
                match frames.last_mut() {
                    Some(f) if f.callee.is_some() => {
                        f.given.push(n.to_owned());
                        f.name = Some(n.to_owned());
                    }
                    _ => names.push(n.to_owned()),
                }
            }
            Token::Sign(Sign::Colon | Sign::FatArrow) => {
                names.extend(before(1).and_then(named).map(str::to_owned));
            }
            Token::Name(n) if before(1).is_some_and(|t| new_name(t)) => names.push((*n).to_owned()),
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    let in_header = frames.last().is_some_and(|f| f.header);
    let in_list = frames.last().is_some_and(|f| f.list);
    let call = frames.iter().rev().take_while(|f| f.list || f.callee.is_some());
    let argument = call.clone().find_map(|f| {
        let (callee, method) = f.callee.clone()?;
        let (given, name) = (f.given.clone(), f.name.clone());
        let starts = f.starts && !in_list;
        Some(Argument { callee, method, given, index: f.index, name, starts, in_list })
    });
    let last = tokens.last().map(|t| &t.token);
    Context { place: place(last, &tokens, in_header), argument, remark, names }
}

fn named<'t>(token: &'t Token<'_>) -> Option<&'t str> {
    match token {
        Token::Name(n) => Some(n),
        _ => None,
    }
}

/// Whether the name after it is a new one.
fn new_name(token: &Token<'_>) -> bool {
    token.is_word(Word::Fn) || token.is_word(Word::For)
}

fn place(last: Option<&Token<'_>>, tokens: &[Tok<'_>], in_header: bool) -> Place {
    let Some(last) = last else { return Place::Other };
    let typed = tokens.iter().rev().skip(1).take_while(|t| {
        matches!(t.token, Token::Name(_)) || t.token.is(Sign::Lt) || t.token.is(Sign::Comma)
    });
    match last {
        Token::Sign(Sign::Dot) => Place::Member,
        Token::Word(Word::As) => Place::Unit,
        Token::Sign(Sign::Colon | Sign::Arrow) => Place::Type,
        // `List<`: a list of types, back to a `:` or `->`.
        Token::Sign(Sign::Lt) => {
            let start = tokens.len() - 1 - typed.count();
            let typed = start.checked_sub(1).map(|k| &tokens[k].token);
            let types = typed.is_some_and(|t| t.is(Sign::Colon) || t.is(Sign::Arrow));
            if types { Place::Type } else { Place::Other }
        }
        Token::Sign(Sign::LParen | Sign::Comma) if in_header => Place::New,
        t if new_name(t) => Place::New,
        _ => Place::Other,
    }
}
