//! A validator of the part of JSON Schema that `spec/json` uses. A keyword it does not know is a failure,
//! so that a schema cannot promise what is not checked.

use serde_json::Value;

/// The schema of this name under `spec/json`.
pub fn load(name: &str) -> Value {
    let path = crate::corpus::root().join("spec/json").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Where a value breaks a schema; empty when it is valid.
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    visit(schema, schema, value, "$", &mut out);
    out
}

fn is_type(name: &str, v: &Value) -> bool {
    match name {
        "object" => v.is_object(),
        "array" => v.is_array(),
        "string" => v.is_string(),
        "boolean" => v.is_boolean(),
        "null" => v.is_null(),
        "number" => v.is_number(),
        "integer" => v.is_i64() || v.is_u64() || v.as_f64().is_some_and(|x| x.fract() == 0.0),
        other => panic!("unknown type `{other}`"),
    }
}

/// The patterns that the schemas use.
fn matches(pattern: &str, text: &str) -> bool {
    let lower = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase());
    match pattern {
        "^[a-z]+(-[a-z]+)*$" => text.split('-').all(lower),
        "^[EW][0-9]{4}$" => {
            text.len() == 5
                && text.starts_with(['E', 'W'])
                && text[1..].bytes().all(|b| b.is_ascii_digit())
        }
        other => panic!("a pattern this validator does not know: `{other}`"),
    }
}

fn valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let mut out = Vec::new();
    visit(root, schema, value, "", &mut out);
    out.is_empty()
}

fn visit(root: &Value, schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    if let Value::Bool(allowed) = schema {
        if !allowed {
            out.push(format!("{at}: nothing may stand here"));
        }
        return;
    }
    let Some(keywords) = schema.as_object() else { panic!("a schema that is no object: {schema}") };
    let number = |x: &Value| x.as_f64().unwrap_or(f64::NAN);
    let items = value.as_array();
    for (keyword, rule) in keywords {
        let fine = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "examples" => true,
            "$ref" => {
                let target = rule.as_str().and_then(|r| root.pointer(r.strip_prefix('#')?));
                let target = target.unwrap_or_else(|| panic!("a dangling {rule}"));
                visit(root, target, value, at, out);
                true
            }
            "type" => match rule {
                Value::Array(names) => {
                    names.iter().any(|n| is_type(n.as_str().unwrap_or(""), value))
                }
                one => is_type(one.as_str().unwrap_or(""), value),
            },
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|r| r.contains(value)),
            "minimum" => !value.is_number() || number(value) >= number(rule),
            "exclusiveMinimum" => !value.is_number() || number(value) > number(rule),
            "maximum" => !value.is_number() || number(value) <= number(rule),
            "minItems" => items.is_none_or(|i| i.len() as f64 >= number(rule)),
            "maxItems" => items.is_none_or(|i| i.len() as f64 <= number(rule)),
            "minLength" => value.as_str().is_none_or(|t| t.chars().count() as f64 >= number(rule)),
            "pattern" => value.as_str().is_none_or(|t| matches(rule.as_str().unwrap_or(""), t)),
            "items" => {
                for (i, item) in items.into_iter().flatten().enumerate() {
                    visit(root, rule, item, &format!("{at}[{i}]"), out);
                }
                true
            }
            "properties" => {
                for (name, inner) in rule.as_object().into_iter().flatten() {
                    if let Some(v) = value.get(name) {
                        visit(root, inner, v, &format!("{at}.{name}"), out);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = keywords.get("properties").and_then(Value::as_object);
                for (name, v) in value.as_object().into_iter().flatten() {
                    if known.is_none_or(|k| !k.contains_key(name)) {
                        visit(root, rule, v, &format!("{at}.{name}"), out);
                    }
                }
                true
            }
            "required" => {
                for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        out.push(format!("{at}: lacks `{name}`"));
                    }
                }
                true
            }
            "oneOf" | "anyOf" => {
                let fitting =
                    rule.as_array().into_iter().flatten().filter(|s| valid(root, s, value)).count();
                fitting == 1 || (keyword == "anyOf" && fitting > 1)
            }
            other => panic!("a keyword this validator does not know: `{other}`"),
        };
        if !fine {
            let shown: String = value.to_string().chars().take(120).collect();
            out.push(format!("{at}: {shown} breaks `{keyword}: {rule}`"));
        }
    }
}
