//! Levels of lints: what a project says in `reasmory.toml`, and `-A` and `-D` over it.

use std::collections::{BTreeMap, BTreeSet};

use reasmory_diag::{CODES, Code, Diagnostic};
use reasmory_sema::lint::is_off_by_default;

use crate::Failure;
use crate::allow::{is_lint, near};

/// What becomes of a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is left out.
    Allow,
    /// It is reported, and the program runs.
    Warn,
    /// It counts as an error.
    Deny,
}

impl Level {
    /// The level of this name.
    pub fn named(name: &str) -> Option<Level> {
        match name {
            "allow" => Some(Level::Allow),
            "warn" => Some(Level::Warn),
            "deny" => Some(Level::Deny),
            _ => None,
        }
    }
}

/// What becomes of lints. A lint that is named wins over `warnings`, which means all that warn; arguments win
/// over the project's file, and comments in the program come before both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Of the project.
    project: BTreeMap<Code, Level>,
    /// Of the project, for all that warn.
    project_all: Option<Level>,
    allowed: BTreeSet<Code>,
    denied: BTreeSet<Code>,
    allow_all: bool,
    deny_all: bool,
}

impl Levels {
    /// From the names after `-A` and after `-D`: names of lints, their codes, or `warnings`.
    pub fn new(allow: &[String], deny: &[String]) -> Result<Levels, Failure> {
        Levels::default().with_arguments(allow, deny)
    }

    /// The same with what the arguments say over it.
    pub fn with_arguments(self, allow: &[String], deny: &[String]) -> Result<Levels, Failure> {
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
        Ok(Levels { allowed, denied, allow_all, deny_all, ..self })
    }

    /// Sets the project's level of a lint, or of `warnings`.
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), Failure> {
        match codes(&[name.to_owned()])? {
            (_, true) => self.project_all = Some(level),
            (named, false) => self.project.extend(named.into_iter().map(|c| (c, level))),
        }
        Ok(())
    }

    /// The level of a lint.
    pub fn of(&self, code: Code) -> Level {
        if self.allowed.contains(&code) {
            return Level::Allow;
        }
        if self.denied.contains(&code) {
            return Level::Deny;
        }
        let base = match self.project.get(&code) {
            Some(level) => *level,
            None if is_off_by_default(code) => Level::Allow,
            None => self.project_all.unwrap_or(Level::Warn),
        };
        // `warnings` means what warns.
        match (base, self.allow_all, self.deny_all) {
            (Level::Warn, true, _) => Level::Allow,
            (Level::Warn, _, true) => Level::Deny,
            _ => base,
        }
    }

    /// Whether a lint is asked for that is off by default.
    pub fn asks_for_more(&self) -> bool {
        CODES.iter().any(|c| is_off_by_default(c.code) && self.of(c.code) != Level::Allow)
    }

    /// Leaves out what is allowed: for a run, which a denied lint does not stop.
    pub fn leave_out(&self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain(|d| !is_lint(d.code) || self.of(d.code) != Level::Allow);
    }

    /// Leaves out what is allowed and raises what is denied.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        if *self == Levels::default() {
            return;
        }
        self.leave_out(diagnostics);
        for d in diagnostics.iter_mut().filter(|d| is_lint(d.code)) {
            d.denied = self.of(d.code) == Level::Deny;
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
    fn arguments_win_over_the_project() -> Result<(), Failure> {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let mut project = Levels::default();
        project.set("unused-binding", Level::Allow)?;
        project.set("W0802", Level::Deny)?;
        let of = |l: &Levels| {
            [Code::UnusedBinding, Code::UnusedAllow, Code::UnknownLint, Code::ModelCall]
                .map(|c| l.of(c))
        };
        use Level::{Allow, Deny, Warn};
        assert_eq!(of(&project), [Allow, Deny, Warn, Allow]);
        // All that warn, not what the project has decided.
        let all = project.clone().with_arguments(&[], &owned(&["warnings"]))?;
        assert_eq!(of(&all), [Allow, Deny, Deny, Allow]);
        let none = project.clone().with_arguments(&owned(&["warnings"]), &[])?;
        assert_eq!(of(&none), [Allow, Deny, Allow, Allow]);
        let named = project
            .clone()
            .with_arguments(&owned(&["W0802"]), &owned(&["unused-binding", "model-call"]))?;
        assert_eq!(of(&named), [Deny, Allow, Warn, Deny]);
        assert!(named.asks_for_more() && !all.asks_for_more());
        project.set("warnings", Deny)?;
        assert_eq!(of(&project), [Allow, Deny, Deny, Allow]);
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
