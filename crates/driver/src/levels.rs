//! `-A` and `-D`: lints that are left out, and lints that count as errors.

use std::collections::BTreeSet;

use reasmory_diag::{Code, Diagnostic};

use crate::Failure;
use crate::allow::{is_lint, near};

/// What becomes of lints. A lint that is named wins over `warnings`, which means all of them; comments in
/// the program come before both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    allowed: BTreeSet<Code>,
    denied: BTreeSet<Code>,
    allow_all: bool,
    deny_all: bool,
}

impl Levels {
    /// From the names after `-A` and after `-D`: names of lints, their codes, or `warnings`.
    pub fn new(allow: &[String], deny: &[String]) -> Result<Levels, Failure> {
        let (allowed, allow_all) = codes(allow)?;
        let (denied, deny_all) = codes(deny)?;
        let twice = if allow_all && deny_all {
            Some("warnings")
        } else {
            allowed.intersection(&denied).next().map(|c| c.name())
        };
        if let Some(name) = twice {
            return Err(Failure::new(
                format!("`{name}` is both allowed and denied"),
                "give it to `-A` or to `-D`",
            ));
        }
        Ok(Levels { allowed, denied, allow_all, deny_all })
    }

    /// Leaves out what is allowed and raises what is denied.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        if *self == Levels::default() {
            return;
        }
        let allowed =
            |c: Code| self.allowed.contains(&c) || (self.allow_all && !self.denied.contains(&c));
        diagnostics.retain(|d| !is_lint(d.code) || !allowed(d.code));
        for d in diagnostics.iter_mut().filter(|d| is_lint(d.code)) {
            d.denied = self.deny_all || self.denied.contains(&d.code);
        }
    }
}

fn codes(names: &[String]) -> Result<(BTreeSet<Code>, bool), Failure> {
    let mut out = BTreeSet::new();
    let mut all = false;
    for name in names {
        match Code::find(name) {
            _ if name == "warnings" => all = true,
            Some(code) if is_lint(code) => {
                out.insert(code);
            }
            Some(code) => {
                return Err(Failure::new(
                    format!("`{}` is an error, and errors have no level", code.name()),
                    "name a lint: its code starts with W",
                ));
            }
            None => {
                let near = near(name);
                let remedy = if near.is_empty() {
                    "`reasmory explain` lists the lints: codes that start with W".to_owned()
                } else {
                    format!("did you mean {}?", near.join(", "))
                };
                return Err(Failure::new(format!("there is no lint `{name}`"), remedy));
            }
        }
    }
    Ok((out, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_span::Span;

    fn levels(allow: &[&str], deny: &[&str]) -> Result<Vec<(Code, bool)>, Failure> {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let levels = Levels::new(&owned(allow), &owned(deny))?;
        let mut d: Vec<Diagnostic> = [Code::UnknownName, Code::UnusedBinding, Code::UnusedAllow]
            .map(|c| Diagnostic::new(c, Span::default(), "m"))
            .into();
        levels.apply(&mut d);
        Ok(d.iter().map(|d| (d.code, d.is_error())).collect())
    }

    #[test]
    fn names_win_over_all() -> Result<(), Failure> {
        use Code::{UnknownName, UnusedAllow, UnusedBinding};
        let error = (UnknownName, true);
        assert_eq!(levels(&[], &[])?, [error, (UnusedBinding, false), (UnusedAllow, false)]);
        assert_eq!(levels(&["unused-binding"], &[])?, [error, (UnusedAllow, false)]);
        assert_eq!(levels(&["W0801"], &["warnings"])?, [error, (UnusedAllow, true)]);
        assert_eq!(levels(&["warnings"], &["unused-binding"])?, [error, (UnusedBinding, true)]);
        assert_eq!(levels(&["warnings"], &[])?, [error]);
        Ok(())
    }

    #[test]
    fn what_has_no_level() {
        let what = |a: &[&str], d: &[&str]| levels(a, d).map_err(|f| f.what).unwrap_err();
        assert_eq!(
            what(&["unknown-name"], &[]),
            "`unknown-name` is an error, and errors have no level"
        );
        assert_eq!(what(&[], &["unused"]), "there is no lint `unused`");
        assert_eq!(
            what(&["W0801"], &["unused-binding"]),
            "`unused-binding` is both allowed and denied"
        );
        assert_eq!(what(&["warnings"], &["warnings"]), "`warnings` is both allowed and denied");
    }
}
