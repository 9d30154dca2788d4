//! Boxes out of what a language model says. Models wrap JSON in prose and fences, name the same members
//! differently, leave trailing commas and end in the middle; what can be read is read, what cannot is counted.

use serde_json::Value;

/// Unit of coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Thousandths of the picture's width and height: what is asked for.
    Thousandths,
    /// Pixels of the picture that was sent.
    Pixels,
    /// Parts of 1.
    Fractions,
}

/// A box as it was said: left, top, right, bottom as parts of the picture's width and height.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// What it is called, lower case.
    pub label: String,
    /// Left, top, right, bottom, in [0, 1].
    pub at: [f64; 4],
    /// How sure the model is, in [0, 1].
    pub score: f64,
}

/// What was read of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The boxes.
    pub boxes: Vec<Said>,
    /// Items that are no boxes.
    pub unread: usize,
}

/// Names of members, the one asked for first. `box_2d` has the order top, left, bottom, right (as Gemini says
/// it), the others left, top, right, bottom.
const BOX: [&str; 5] = ["box", "bbox_2d", "bbox", "bounding_box", "box_2d"];
const LABEL: [&str; 5] = ["label", "name", "category", "class", "object"];
const SCORE: [&str; 3] = ["score", "confidence", "probability"];
/// Most items of an answer.
const MAX_ITEMS: usize = 2000;
/// Score of a box whose model states none: it says what it sees, and is often wrong.
const USUAL: f64 = 0.7;

/// Items of the first list (or object) in a text, however it is wrapped; `None` where there is none. A list that
/// ends in the middle gives the items that are whole.
fn items(text: &str) -> Option<Vec<Value>> {
    // Each bracket in turn: prose may have brackets of its own.
    for (at, open) in text.char_indices().filter(|(_, c)| matches!(c, '[' | '{')).take(64) {
        let rest = &text[at..];
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(Value::Array(list))) if list.iter().all(Value::is_object) => return Some(list),
            Some(Ok(Value::Object(o))) => {
                // A list may be a member; an object may be the only item, or the first of several.
                let inside = o.values().find_map(|v| match v {
                    Value::Array(l) if !l.is_empty() && l.iter().all(Value::is_object) => Some(l),
                    _ => None,
                });
                if let Some(list) = inside {
                    return Some(list.clone());
                }
                if member(&Value::Object(o.clone()), &BOX).is_some() {
                    let mut list = vec![Value::Object(o)];
                    list.extend(objects(&rest[stream.byte_offset()..]));
                    return Some(list);
                }
            }
            _ if open == '[' => {
                let whole = objects(&rest[1..]);
                if !whole.is_empty() {
                    return Some(whole);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whole objects one after another, whatever stands between them.
fn objects(text: &str) -> Vec<Value> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        if out.len() > MAX_ITEMS {
            break;
        }
        let mut stream = serde_json::Deserializer::from_str(&rest[at..]).into_iter::<Value>();
        match stream.next() {
            Some(Ok(v)) => {
                rest = &rest[at + stream.byte_offset()..];
                out.push(v);
            }
            _ => rest = &rest[at + 1..],
        }
    }
    out
}

fn member<'a>(v: &'a Value, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
    names.iter().find_map(|n| Some((*n, v.get(n)?)))
}

fn number(v: &Value) -> Option<f64> {
    v.as_f64()
        .or_else(|| v.as_str()?.trim().trim_end_matches('%').parse().ok())
        .filter(|x| x.is_finite())
}

/// Four numbers of a list, or of an object with `x0`, `left` and so on.
fn four(v: &Value) -> Option<[f64; 4]> {
    if let Some(list) = v.as_array() {
        let n: Option<Vec<f64>> = list.iter().map(number).collect();
        return n?.try_into().ok();
    }
    const NAMES: [[&str; 4]; 3] =
        [["left", "top", "right", "bottom"], ["x0", "y0", "x1", "y1"], ["x1", "y1", "x2", "y2"]];
    NAMES.iter().find_map(|names| {
        let n: Option<Vec<f64>> = names.iter().map(|k| number(v.get(k)?)).collect();
        n?.try_into().ok()
    })
}

fn said(v: &Value, unit: Unit, size: (u32, u32)) -> Option<Said> {
    let (kind, b) = member(v, &BOX)?;
    let mut b = four(b)?;
    if kind == "box_2d" {
        b = [b[1], b[0], b[3], b[2]];
    }
    let (w, h) = match unit {
        Unit::Fractions => (1.0, 1.0),
        Unit::Thousandths => (1000.0, 1000.0),
        Unit::Pixels => (f64::from(size.0), f64::from(size.1)),
    };
    let x = |x: f64| (x / w).clamp(0.0, 1.0);
    let y = |y: f64| (y / h).clamp(0.0, 1.0);
    let at = [x(b[0].min(b[2])), y(b[1].min(b[3])), x(b[0].max(b[2])), y(b[1].max(b[3]))];
    if !(at[2] - at[0] > 1e-4 && at[3] - at[1] > 1e-4) {
        return None;
    }
    let label = member(v, &LABEL)?.1.as_str()?;
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
        return None;
    }
    let score = member(v, &SCORE).and_then(|(_, s)| number(s)).unwrap_or(USUAL);
    let score = if (1.0..=100.0).contains(&score) && score != 1.0 { score / 100.0 } else { score };
    (0.0..=1.0).contains(&score).then_some(Said { label, at, score })
}

/// The unit that numbers are in, where nobody says: fractions if none is above 1, pixels if one is above 1000,
/// else thousandths.
fn guess(list: &[Value]) -> Unit {
    let all = list.iter().filter_map(|v| four(member(v, &BOX)?.1)).flatten();
    let most = all.fold(0.0, f64::max);
    if most <= 1.0 {
        Unit::Fractions
    } else if most > 1000.0 {
        Unit::Pixels
    } else {
        Unit::Thousandths
    }
}

/// Reads an answer about a picture of this size; `None` where it has no list at all. An empty list is an answer.
pub fn parse_boxes(text: &str, unit: Option<Unit>, size: (u32, u32)) -> Option<Answer> {
    let mut list = match items(text) {
        Some(list) => list,
        // An empty list is no list of objects that the search above looks for.
        None => return text.contains("[]").then(Answer::default),
    };
    list.truncate(MAX_ITEMS);
    let unit = unit.unwrap_or_else(|| guess(&list));
    let boxes: Vec<Said> = list.iter().filter_map(|v| said(v, unit, size)).collect();
    let unread = list.len() - boxes.len();
    Some(Answer { boxes, unread })
}

/// Reads any text as an answer; it must return boxes inside the picture. For fuzzing.
pub fn fuzz_boxes(text: &str) {
    for unit in [None, Some(Unit::Pixels), Some(Unit::Fractions)] {
        for b in parse_boxes(text, unit, (64, 48)).unwrap_or_default().boxes {
            assert!(b.at.iter().all(|x| (0.0..=1.0).contains(x)), "{b:?}");
            assert!(b.at[0] < b.at[2] && b.at[1] < b.at[3] && (0.0..=1.0).contains(&b.score));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, [f64; 4])> {
        let a = parse_boxes(text, None, (640, 480)).unwrap_or_else(|| panic!("nothing in {text}"));
        a.boxes.into_iter().map(|b| (b.label, b.at)).collect()
    }

    #[test]
    fn answers_are_read_as_models_give_them() {
        let chair = vec![("chair".to_owned(), [0.1, 0.2, 0.3, 0.4])];
        for text in [
            r#"[{"label": "chair", "box": [100, 200, 300, 400]}]"#,
            "Sure! Here are the objects [in order]:\n```json\n[{\"label\": \"Chair\", \"box\": [100, 200, 300, 400]}]\n```\nAnything else?",
            r#"[{"box_2d": [200, 100, 400, 300], "label": "chair"}]"#,
            r#"{"objects": [{"name": "chair", "bbox": [0.1, 0.2, 0.3, 0.4], "score": 0.9}]}"#,
            r#"{"label": "chair", "bbox_2d": [100, 200, 300, 400]}"#,
            r#"[{"label": "chair", "box": {"left": 100, "top": 200, "right": 300, "bottom": 400}},]"#,
            r#"[{"label": "chair", "box": ["100", "200", "300", "400"]}, {"label": "tab"#,
            r#"[{"label": "chair", "box": [300, 400, 100, 200]}, {"label": "x"}, {"box": [1, 2, 3, 4]}]"#,
        ] {
            assert_eq!(read(text), chair, "{text}");
        }
        // Numbers beyond a thousand are pixels.
        let a = parse_boxes(r#"[{"label": "rug", "box": [0, 0, 1280, 480]}]"#, None, (1280, 960))
            .unwrap();
        assert_eq!(a.boxes[0].at, [0.0, 0.0, 1.0, 0.5]);
        let a = parse_boxes(
            r#"[{"label": "rug", "box": [0, 0, 64, 48]}]"#,
            Some(Unit::Pixels),
            (64, 96),
        )
        .unwrap();
        assert_eq!(a.boxes[0].at, [0.0, 0.0, 1.0, 0.5]);
        // One object a line.
        let lines = "{\"label\":\"a\",\"box\":[0,0,500,500]}\n{\"label\":\"b\",\"box\":[500,500,1000,1000]}";
        assert_eq!(read(lines).len(), 2);
        assert_eq!(parse_boxes("There is nothing: []", None, (1, 1)), Some(Answer::default()));
        assert_eq!(parse_boxes("I cannot see any chair.", None, (1, 1)), None);
        let a = parse_boxes(r#"[{"label": "a", "box": [1, 2]}, {"label": "b"}]"#, None, (9, 9))
            .unwrap();
        assert_eq!((a.boxes.len(), a.unread), (0, 2));
    }

    #[test]
    fn any_text_is_read() {
        let seed = "x [1] ```[{\"label\": \"a\", \"box\": [1, 2, 300, 4e2], \"score\": \"95%\"}, {\"b\": [{}]}]";
        for i in 0..seed.len() {
            fuzz_boxes(&seed[..i]);
            for c in ['"', '[', '}', '\n', '-', '9', 'é'] {
                fuzz_boxes(&format!("{}{c}{}", &seed[..i], &seed[i + 1..]));
            }
        }
        fuzz_boxes(&"[".repeat(50_000));
        fuzz_boxes(&"{\"a\":".repeat(10_000));
    }
}
