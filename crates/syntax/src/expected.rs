//! The parser's expected tokens in human words.

/// The expected terminals of the grammar as at most eight things to write.
pub(crate) fn describe(expected: &[String]) -> Vec<String> {
    let has = |t: &str| expected.iter().any(|e| e.trim_matches('"') == t);
    let mut out: Vec<String> = Vec::new();
    let expression = has("int") && has("name");
    if expression {
        out.push("an expression".into());
    } else if has("name") {
        out.push("a name".into());
    }
    if !expression && has("text") {
        out.push("a text literal".into());
    }
    if has("unit") {
        out.push("a unit".into());
    }
    for t in [")", "]", "}", ",", "=", "{", "in", "->", "=>", ":", ">", "?", "else"] {
        // Inside an expression these are covered by its own words.
        let covered = match t {
            "=" | "?" | "=>" => has("+"),
            ">" => has("+") || has("<="),
            _ => false,
        };
        if has(t) && !covered {
            out.push(format!("`{t}`"));
        }
    }
    if has("(") && !expression && !has(".") {
        out.push("`(`".into());
    }
    if has("fn") && !expression {
        out.push("a type".into());
        out.retain(|o| o != "a name");
    }
    if has("newline") {
        out.push("the end of the line".into());
    }
    if has("+") {
        out.push("an operator".into());
    }
    if has("for") && expression {
        out.push("a statement".into());
        out.retain(|o| o != "an expression");
    } else if has("for") {
        out.push("`for`".into());
    }
    out.truncate(8);
    out
}

/// `a, b or c`.
pub(crate) fn join(words: &[String]) -> String {
    match words {
        [] => "nothing more".into(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}
