//! `x[…]`: members of lists, entries of records, instances of a category.

use reasmory_diag::{Applicability, Code, Diagnostic, similar};
use reasmory_span::Span;

use crate::plan::Cx;
use crate::value::{Axis, Coordinates, Frame, Item, Place, Value};

/// Keys of the records that tools give.
const MEMORY: &[&str] = &["session_id", "meta_info", "loaded_from_cache", "cache_path"];
const META: &[&str] = &["num_images", "up_axis", "coordinate_type", "xz_pca_aligned"];
const POSE: &[&str] = &["camera_index", "position", "up", "forward", "right"];
const SELECTED: &[&str] = &["category", "position", "instance_id"];
const SEMANTIC: &[&str] = &["image", "images"];
const MOVED: &[&str] = &["messages"];

impl Cx<'_> {
    pub(crate) fn subscript(&mut self, base: Item, index: Item, whole: Span) -> Value {
        if matches!(base.value, Value::Error) || matches!(index.value, Value::Error) {
            return Value::Error;
        }
        match base.value.clone() {
            Value::Memory => match self.key(&base, &index, MEMORY) {
                Some("session_id") => Value::Session,
                Some("meta_info") => Value::MetaInfo,
                Some(_) => Value::Unknown("a fact about the memory"),
                None => Value::Error,
            },
            Value::MetaInfo => match self.key(&base, &index, META) {
                Some(_) => Value::Unknown("a fact about the memory"),
                None => Value::Error,
            },
            Value::Pose(frame, origin) => {
                let axis = match self.key(&base, &index, POSE) {
                    Some("camera_index") => return Value::Int(frame.number),
                    Some("position") => {
                        return Value::Vector(Coordinates::Position(Place::Camera(frame)), origin);
                    }
                    Some("forward") => Axis::Forward,
                    Some("right") => Axis::Right,
                    Some(_) => Axis::Up,
                    None => return Value::Error,
                };
                Value::Vector(Coordinates::Direction(frame, axis), origin)
            }
            Value::Selected(chosen, origin) => match self.key(&base, &index, SELECTED) {
                Some("category") => Value::Text(chosen.category),
                Some("position") => {
                    Value::Vector(Coordinates::Position(Place::Chosen(chosen)), origin)
                }
                Some(_) => Value::InstanceOf(chosen),
                None => Value::Error,
            },
            Value::Semantic(image) => match self.key(&base, &index, SEMANTIC) {
                Some("image") => Value::Image(image),
                Some(_) => Value::List(vec![Item { value: Value::Image(image), span: whole }]),
                None => Value::Error,
            },
            Value::Moved => match self.key(&base, &index, MOVED) {
                Some(_) => Value::Unknown("a message"),
                None => Value::Error,
            },
            Value::Map(categories, origin) => {
                let Value::Text(wanted) = &index.value else {
                    self.wrong(
                        &index,
                        "queried objects are read by category",
                        "name the category first: `objects[\"chair\"][0]`",
                    );
                    return Value::Error;
                };
                if let Some(c) = categories.iter().find(|c| c.value == wanted.value) {
                    return Value::Positions(c.clone(), origin);
                }
                let known: Vec<&str> = categories.iter().map(|c| c.value.as_str()).collect();
                let d = self
                    .no_key(&index, &wanted.value, &known, "was not queried")
                    .also(origin.query, "queried here");
                self.report(d);
                Value::Error
            }
            Value::Dict(entries) => {
                let Value::Text(wanted) = &index.value else {
                    self.wrong(&index, "a dictionary is read by key", "write the key as a text");
                    return Value::Error;
                };
                if let Some((_, item)) = entries.iter().rev().find(|e| e.0.value == wanted.value) {
                    return item.value.clone();
                }
                let known: Vec<&str> = entries.iter().map(|e| e.0.value.as_str()).collect();
                let d = self.no_key(&index, &wanted.value, &known, "is not in the dictionary");
                self.report(d);
                Value::Error
            }
            Value::Positions(category, origin) => {
                if let Value::InstanceOf(chosen) = &index.value {
                    if chosen.category.value == category.value {
                        let place = Place::Chosen(chosen.clone());
                        return Value::Vector(Coordinates::Position(place), origin);
                    }
                    self.wrong(
                        &index,
                        &format!("this lists `{}`", category.value),
                        "use the selected object itself: `[\"position\"]`",
                    );
                    return Value::Error;
                }
                let Some(i) = self.index(&base, &index) else { return Value::Error };
                if i >= 0 {
                    let note = format!(
                        "Python counts from 0, so `[{i}]` is instance {}",
                        i.saturating_add(1)
                    );
                    self.out.notes.insert(index.span, note);
                }
                let place = Place::Nth { category, index: i, index_span: index.span };
                Value::Vector(Coordinates::Position(place), origin)
            }
            Value::Poses(frames, origin) => match self.member(&base, &index, frames.len()) {
                Some(i) => Value::Pose(frames[i], origin),
                None => Value::Error,
            },
            Value::List(items) | Value::Tuple(items) => {
                match self.member(&base, &index, items.len()) {
                    Some(i) => items[i].value.clone(),
                    None => Value::Error,
                }
            }
            Value::Inputs => {
                let Some(i) = self.index(&base, &index) else { return Value::Error };
                if i < 0 {
                    self.report(
                        Diagnostic::new(
                            Code::PhotoOutOfRange,
                            index.span,
                            format!("there is no photo {i}; count from the first"),
                        )
                        .label("counts from the end")
                        .help(
                            "write the photo's place from the front: `input_images[0]` is photo 1",
                        ),
                    );
                    return Value::Error;
                }
                let number = i.saturating_add(1);
                let note = format!("Python counts from 0, so `[{i}]` is photo {number}");
                self.out.notes.insert(index.span, note);
                let frame = Frame { number, span: index.span, reader: base.span };
                self.probe_photo(frame);
                Value::Input(frame)
            }
            Value::Vector(..) => match self.member(&base, &index, 3) {
                Some(_) => Value::Unknown("a single coordinate"),
                None => Value::Error,
            },
            _ => {
                self.wrong(&base, "only lists and records have members", "use the value itself");
                Value::Error
            }
        }
    }

    /// A key of a record that tools give.
    fn key(&mut self, base: &Item, index: &Item, keys: &[&'static str]) -> Option<&'static str> {
        let Value::Text(wanted) = &index.value else {
            let what = base.value.describe();
            self.wrong(
                index,
                &format!("{what} is read by key"),
                &format!("write one of {}", quoted(keys)),
            );
            return None;
        };
        if let Some(k) = keys.iter().find(|k| **k == wanted.value) {
            return Some(k);
        }
        let mut d = self.no_key(index, &wanted.value, keys, "is not there");
        if matches!(base.value, Value::Semantic(_)) && wanted.value != "meta" {
            d = d.note("the view is a picture; what it shows is in its caption");
        }
        self.report(d);
        None
    }

    fn no_key(&self, index: &Item, wanted: &str, keys: &[&str], why: &str) -> Diagnostic {
        let near = similar::candidates(wanted, keys.iter().copied());
        let d = Diagnostic::new(Code::UnknownField, index.span, format!("`{wanted}` {why}"))
            .label("no such key")
            .fact("found", wanted)
            .fact("candidates", keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>());
        match near.first() {
            Some(best) => d.help(format!("did you mean `{best}`?")).fix(
                if near.len() == 1 { Applicability::Safe } else { Applicability::Unsafe },
                format!("use `{best}`"),
                index.span,
                format!("\"{best}\""),
            ),
            None if keys.is_empty() => d.help("it holds nothing"),
            None => d.help(format!("it has {}", quoted(keys))),
        }
    }

    /// A known index.
    fn index(&mut self, base: &Item, index: &Item) -> Option<i64> {
        if let Value::Int(i) = index.value {
            return Some(i);
        }
        let what = base.value.describe();
        self.wrong(
            index,
            &format!("{what} is read by position"),
            "write the position as a whole number: `[0]`",
        );
        None
    }

    /// The member of a list of known length.
    fn member(&mut self, base: &Item, index: &Item, len: usize) -> Option<usize> {
        let i = self.index(base, index)?;
        let n = len as i64;
        if (-n..n).contains(&i) {
            return Some(if i < 0 { i + n } else { i } as usize);
        }
        let mut d = Diagnostic::new(
            Code::IndexOutOfRange,
            index.span,
            format!("`[{i}]` of {} with {len}", base.value.describe()),
        )
        .label("no such member")
        .fact("count", len);
        d = match (len, &base.value) {
            (0, _) => d.help("it is empty"),
            (_, Value::Poses(..)) => d
                .note("poses come in the order of `frame_indices`, counted from 0, whatever the frames' numbers")
                .help(format!("choose from `[0]` to `[{}]`", len - 1)),
            _ => d.help(format!("choose from `[0]` to `[{}]`", len - 1)),
        };
        self.report(d);
        None
    }
}

fn quoted(keys: &[&str]) -> String {
    keys.iter().map(|k| format!("`\"{k}\"`")).collect::<Vec<_>>().join(", ")
}
