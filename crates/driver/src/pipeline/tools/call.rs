//! A call of a tool: as a model writes it, and as the cell of a session that makes it.
//!
//! Arguments are data. What becomes of them in a cell is a literal, a bare direction or the name of an earlier
//! result, so nothing in a reply is ever read as a piece of a program.

use reasmory_sema::catalogue::{self, Callable};
use reasmory_sema::question::{leading_number, unit_word};
use reasmory_types::{Dim, Direction, Param, Ty};
use serde_json::{Map, Value};

use super::super::decompose::object;

/// Most members of a list in an argument.
const MOST_MEMBERS: usize = 100;

/// What a reply says.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A tool and its arguments.
    Call(String, Map<String, Value>),
    /// The answer, as it is written.
    Answer(String),
}

/// Reads a reply: one JSON object with `tool` and `arguments`, or with `answer`.
pub fn step(reply: &str) -> Result<Step, String> {
    let value = object(reply)?;
    let Value::Object(mut map) = value else { return Err("it is no object.".to_owned()) };
    let (tool, arguments, answer) =
        (map.remove("tool"), map.remove("arguments"), map.remove("answer"));
    if let Some(key) = map.keys().next() {
        let key: String = key.chars().take(40).collect();
        return Err(format!("it has a member {} too many.", reasmory_prompt::quoted(&key)));
    }
    match (tool, arguments, answer) {
        (Some(Value::String(tool)), arguments, None) => match arguments {
            None | Some(Value::Null) => Ok(Step::Call(tool, Map::new())),
            Some(Value::Object(a)) => Ok(Step::Call(tool, a)),
            Some(_) => Err("its `arguments` are no object.".to_owned()),
        },
        (None, None, Some(Value::String(text))) => Ok(Step::Answer(text)),
        (None, None, Some(Value::Number(n))) => Ok(Step::Answer(n.to_string())),
        _ => Err("it is neither a call nor an answer.".to_owned()),
    }
}

/// The tool of this name, where it is one.
pub(super) fn find(name: &str) -> Option<Callable> {
    catalogue::find(name).filter(reasmory_prompt::is_tool)
}

/// The call as an expression, with `results` earlier results; why it cannot be made, as a sentence.
pub(super) fn expression(
    tool: &Callable,
    arguments: &Map<String, Value>,
    results: usize,
) -> Result<String, String> {
    let signature = tool.signature();
    for key in arguments.keys() {
        if signature.param(key).is_none() {
            let names: Vec<&str> = signature.params.iter().map(|p| p.name.as_str()).collect();
            let key: String = key.chars().take(40).collect();
            return Err(format!(
                "`{}` takes no {}; it takes {}.",
                tool.name(),
                reasmory_prompt::quoted(&key),
                if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
            ));
        }
    }
    let mut given = Vec::new();
    let mut all_before = true;
    for (i, p) in signature.params.iter().enumerate() {
        match arguments.get(&p.name) {
            None | Some(Value::Null) if p.required() => {
                return Err(format!("`{}` needs `{}` ({}).", tool.name(), p.name, p.ty));
            }
            None | Some(Value::Null) => all_before = false,
            Some(v) => {
                let text = value(v, p, &p.ty, results)?;
                given.push(if all_before && i < tool.positional() {
                    text
                } else {
                    format!("{}={text}", p.name)
                });
            }
        }
    }
    Ok(format!("{}({})", tool.name(), given.join(", ")))
}

/// The canonical unit of numbers without one.
fn unit_of(ty: &Ty) -> &'static str {
    match ty {
        Ty::Quantity(Dim::LENGTH) | Ty::Extent => "m",
        Ty::Quantity(Dim::ANGLE) => "deg",
        Ty::Quantity(Dim::TIME) => "s",
        Ty::Quantity(Dim::AREA) => "m2",
        Ty::Quantity(Dim::VOLUME) => "m3",
        _ => "",
    }
}

/// `#3` or `#3[2]`: the name of an earlier result.
fn reference(text: &str, results: usize) -> Option<Result<String, String>> {
    let rest = text.trim().strip_prefix('#')?;
    let (number, index) = match rest.split_once('[') {
        Some((n, i)) => (n, Some(i.strip_suffix(']')?.parse::<u32>().ok()?)),
        None => (rest, None),
    };
    let number: usize = number.parse().ok()?;
    if number == 0 || number > results {
        return Some(Err(format!("there is no result #{number}.")));
    }
    Some(Ok(match index {
        Some(i) => format!("r{number}[{i}]"),
        None => format!("r{number}"),
    }))
}

fn value(v: &Value, p: &Param, ty: &Ty, results: usize) -> Result<String, String> {
    let member = |ty: &Ty| match ty {
        Ty::List(m) => (**m).clone(),
        other => other.clone(),
    };
    match v {
        Value::Bool(b) => Ok(b.to_string()),
        Value::Number(n) => Ok(format!("{n}{}", unit_of(ty))),
        Value::String(text) => {
            if let Some(result) = reference(text, results) {
                return result;
            }
            if let Some(d) = Direction::named(text.trim())
                && member(ty) == Ty::Direction
            {
                return Ok(d.name().to_owned());
            }
            if let Some((x, rest)) = leading_number(text)
                && let Some(unit) = unit_word(rest)
                && x.is_finite()
            {
                return Ok(format!("{x}{}", unit.name));
            }
            Ok(reasmory_syntax::quote(text))
        }
        Value::Array(members) => {
            if members.len() > MOST_MEMBERS {
                return Err(format!("`{}` has more than {MOST_MEMBERS} members.", p.name));
            }
            let inner = member(ty);
            let all: Result<Vec<String>, String> =
                members.iter().map(|m| value(m, p, &inner, results)).collect();
            Ok(format!("[{}]", all?.join(", ")))
        }
        Value::Null | Value::Object(_) => Err(format!("`{}` is no {}.", p.name, p.ty)),
    }
}

/// Body of a fuzz target: a reply is read, and what it calls is an expression that ends where it should.
pub fn fuzz(reply: &str) {
    if let Ok(Step::Call(name, arguments)) = step(reply)
        && let Some(tool) = find(&name)
        && let Ok(text) = expression(&tool, &arguments, 3)
    {
        let parsed = reasmory_syntax::parse(&format!("answer {text}\n"));
        assert!(
            parsed.program.items.len() <= 1,
            "arguments got out of their call: {reply:?} became {text:?}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn call(name: &str, arguments: &Value) -> Result<String, String> {
        let map = arguments.as_object().cloned().unwrap_or_default();
        expression(&find(name).expect("a tool"), &map, 3)
    }

    #[test]
    fn replies_are_a_call_or_an_answer() {
        let called = step("```json\n{\"tool\": \"the\", \"arguments\": {\"c\": \"sofa\"}}\n```");
        assert!(matches!(called, Ok(Step::Call(t, a)) if t == "the" && a["c"] == "sofa"));
        assert!(matches!(step("{\"tool\": \"objects\"}"), Ok(Step::Call(_, a)) if a.is_empty()));
        assert_eq!(step("{\"answer\": \"B\"}"), Ok(Step::Answer("B".into())));
        assert_eq!(step("I think {\"answer\": 2.5}"), Ok(Step::Answer("2.5".into())));
        for bad in [
            "B",
            "{}",
            "{\"tool\": 3}",
            "{\"tool\": \"the\", \"answer\": \"x\"}",
            "{\"tool\": \"the\", \"arguments\": [1]}",
            "{\"answer\": null}",
            "{\"answer\": \"x\", \"why\": \"y\"}",
        ] {
            assert!(step(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn arguments_become_literals() {
        for (name, arguments, text) in [
            ("distance", json!({"a": "#1", "to": "#2[1]"}), "distance(r1, r2[1])"),
            ("objects", json!({}), "objects()"),
            ("turn", json!({"v": "#1", "d": "left", "by": 30}), "turn(r1, left, 30deg)"),
            (
                "step",
                json!({"v": "#1", "d": "forward", "by": "50 centimetres"}),
                "step(r1, forward, 50cm)",
            ),
            (
                "side",
                json!({"x": "#1", "from": "#2", "among": ["left", "right"]}),
                "side(r1, from=r2, among=[left, right])",
            ),
        ] {
            let signature = find(name).unwrap().signature().to_string();
            // Names of parameters are the table's matter; positions tell them here.
            let renamed = rename(&arguments, name);
            assert_eq!(call(name, &renamed).as_deref(), Ok(text), "{signature}");
        }
        let e = call("distance", &json!({"a": "#9", "to": "#1"})).unwrap_err();
        assert!(e.contains("no result #9"), "{e}");
        for bad in [json!({"b": 1}), json!({"a": {"x": 1}, "to": "#1"}), json!({"a": "#1"})] {
            assert!(call("distance", &bad).is_err(), "{bad}");
        }
        assert!(find("filter").is_none() && find("nothing").is_none());
    }

    fn rename(arguments: &Value, name: &str) -> Value {
        let signature = find(name).unwrap().signature();
        let map = arguments.as_object().unwrap();
        let mut out = Map::new();
        for (i, (key, v)) in map.iter().enumerate() {
            let known = signature.param(key).is_some();
            let key = if known { key.clone() } else { signature.params[i].name.clone() };
            out.insert(key, v.clone());
        }
        Value::Object(out)
    }

    proptest! {
        #[test]
        fn any_reply_is_read(reply in any::<String>()) {
            fuzz(&reply);
        }

        #[test]
        fn texts_stay_in_their_call(text in any::<String>(), name in "the|objects|distance|side|turn") {
            let tool = find(&name).unwrap();
            let arguments: Map<String, Value> =
                tool.signature().params.iter().map(|p| (p.name.clone(), json!(text))).collect();
            let reply = json!({"tool": name, "arguments": arguments}).to_string();
            fuzz(&reply);
        }
    }
}
