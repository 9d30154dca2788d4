//! What nodes say of the things below them.

use serde_json::Value;

/// Keys of a node's `extras` under which tools write what a thing is.
const KEYS: [&str; 6] = ["category", "label", "class", "class_name", "semantic", "object_category"];

/// Words that tools name nodes with that nobody named.
const GENERIC: [&str; 35] = [
    "camera",
    "cloud",
    "collection",
    "default",
    "empty",
    "fbx",
    "g",
    "geom",
    "geometry",
    "gltf",
    "group",
    "instance",
    "light",
    "mat",
    "material",
    "matrix",
    "mesh",
    "model",
    "node",
    "o",
    "obj",
    "object",
    "part",
    "pcd",
    "point",
    "pointcloud",
    "points",
    "polysurface",
    "primitive",
    "root",
    "scene",
    "shape",
    "sketchfab",
    "untitled",
    "world",
];

/// The category that a node's `extras` give.
pub(super) fn stated(extras: &Value) -> Option<String> {
    KEYS.iter().find_map(|k| {
        let text = extras.get(*k)?.as_str()?.trim().to_lowercase();
        (!text.is_empty()).then_some(text)
    })
}

/// The category in a node's name (`Coffee_Table.003`, `coffeeTable3`: `coffee table`); `None` where the name
/// is one that tools give.
pub(super) fn named(name: &str) -> Option<String> {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut last = ' ';
    for c in name.chars() {
        let word = if c.is_alphanumeric() { c } else { ' ' };
        if (last.is_lowercase() && word.is_uppercase())
            || (last.is_ascii_digit() && word.is_alphabetic())
        {
            spaced.push(' ');
        }
        spaced.extend(word.to_lowercase());
        last = word;
    }
    let words: Vec<&str> = spaced
        .split_whitespace()
        .map(|w| w.trim_end_matches(|c: char| c.is_ascii_digit()))
        .filter(|w| !w.is_empty())
        .collect();
    let generic = words.iter().all(|w| GENERIC.contains(w));
    (!generic).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_found_in_names() {
        for (name, is) in [
            ("Chair", Some("chair")),
            ("chair.001", Some("chair")),
            ("Coffee_Table-12", Some("coffee table")),
            ("coffeeTable3", Some("coffee table")),
            ("TV_Stand (2)", Some("tv stand")),
            ("Büroschrank", Some("büroschrank")),
            ("mesh_0", None),
            ("Object_12.005", None),
            ("RootNode", None),
            ("Sketchfab_model", None),
            ("42", None),
            ("", None),
        ] {
            assert_eq!(named(name).as_deref(), is, "{name}");
        }
    }

    #[test]
    fn extras_go_by_their_keys() {
        let v = serde_json::json!({"id": 3, "class": " Sofa ", "label": ""});
        assert_eq!(stated(&v).as_deref(), Some("sofa"));
        assert_eq!(stated(&Value::Null), None);
    }

    #[test]
    fn the_words_are_sorted() {
        assert!(GENERIC.is_sorted());
    }
}
