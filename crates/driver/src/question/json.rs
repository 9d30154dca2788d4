//! JSON values with the path to them, so that a mistake is reported where it stands.

use serde_json::{Map, Value};

use crate::Failure;

/// A mistake in a question.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub(super) path: String,
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Wrong {
    /// With the file it stands in.
    pub(super) fn failure(self, file: &str) -> Failure {
        Failure::new(format!("{file}: {}: {}", self.path, self.what), self.remedy)
    }
}

/// A value and its path.
#[derive(Clone, Debug)]
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    pub(super) path: String,
}

/// A text of the input, short enough to be read in a message.
pub(super) fn shown(text: &str) -> String {
    let line: String =
        text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 60 { format!("`{line}…`") } else { format!("`{line}`") }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl<'v> Node<'v> {
    /// The whole.
    pub(super) fn root(value: &'v Value) -> Node<'v> {
        Node { value, path: "$".to_owned() }
    }

    /// A mistake here.
    pub(super) fn wrong(&self, what: impl Into<String>, remedy: impl Into<String>) -> Wrong {
        Wrong { path: self.path.clone(), what: what.into(), remedy: remedy.into() }
    }

    fn expected(&self, what: &str) -> Wrong {
        self.wrong(
            format!("expected {what}, found {}", kind(self.value)),
            format!("write {what} (spec/questions.md)"),
        )
    }

    pub(super) fn text(&self) -> Result<&'v str, Wrong> {
        self.value.as_str().ok_or_else(|| self.expected("a text"))
    }

    /// A text that says something.
    pub(super) fn words(&self) -> Result<&'v str, Wrong> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return Err(self.wrong("the text is empty", "write it, or leave it out"));
        }
        Ok(text)
    }

    pub(super) fn object(&self) -> Result<&'v Map<String, Value>, Wrong> {
        self.value.as_object().ok_or_else(|| self.expected("an object"))
    }

    /// Members of a list, at most so many.
    pub(super) fn list(&self, most: usize) -> Result<Vec<Node<'v>>, Wrong> {
        let items = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        if items.len() > most {
            return Err(self.wrong(
                format!("holds {} members; at most {most} are read", items.len()),
                "give fewer",
            ));
        }
        let member = |(i, value)| Node { value, path: format!("{}[{i}]", self.path) };
        Ok(items.iter().enumerate().map(member).collect())
    }

    /// A field; null equals absent.
    pub(super) fn field(&self, key: &str) -> Option<Node<'v>> {
        let value = self.value.as_object()?.get(key).filter(|v| !v.is_null())?;
        Some(Node { value, path: format!("{}.{key}", self.path) })
    }

    /// The field under one of two names, not both.
    pub(super) fn either(&self, a: &str, b: &str) -> Result<Option<Node<'v>>, Wrong> {
        match (self.field(a), self.field(b)) {
            (Some(_), Some(y)) => Err(y.wrong(
                format!("`{b}` says the same as `{a}`, and both are given"),
                format!("leave out `{b}`"),
            )),
            (x, y) => Ok(x.or(y)),
        }
    }

    /// A field that must be there.
    pub(super) fn required(&self, key: &str, remedy: &str) -> Result<Node<'v>, Wrong> {
        self.object()?;
        self.field(key).ok_or_else(|| self.wrong(format!("`{key}` is missing"), remedy))
    }

    /// Refuses keys other than these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Wrong> {
        for key in self.object()?.keys() {
            if !known.contains(&key.as_str()) {
                return Err(self.unknown(key, known));
            }
        }
        Ok(())
    }

    /// Refuses keys that are a misspelling of one of these; others are somebody else's.
    pub(super) fn spelled(&self, known: &[&str], others: &[&str]) -> Result<(), Wrong> {
        for key in self.object()?.keys() {
            let misspelt = !known.contains(&key.as_str())
                && !others.contains(&key.as_str())
                && reasmory_diag::similar::candidates(key, known.iter().copied())
                    .iter()
                    .any(|k| self.field(k).is_none() && key.chars().count() > 3);
            if misspelt {
                return Err(self.unknown(key, known));
            }
        }
        Ok(())
    }

    fn unknown(&self, key: &str, known: &[&str]) -> Wrong {
        let near = reasmory_diag::similar::candidates(key, known.iter().copied());
        self.wrong(
            format!("there is no field {}", shown(key)),
            match near.first() {
                Some(best) => format!("did you mean `{best}`?"),
                None => format!("the fields are {}", known.join(", ")),
            },
        )
    }
}
