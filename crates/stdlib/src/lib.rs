//! The text of the standard library: the functions of the language that are written in it.
//!
//! The source is `stdlib/*.rsm` at the top of the repository; the build script lists the files, so a new
//! function or a new file needs no other edit.
#![forbid(unsafe_code)]

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The text of a module.
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|m| m.0 == name).map(|m| m.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads() -> impl Iterator<Item = (&'static str, &'static str, String)> {
        MODULES.iter().flat_map(|(module, text)| {
            let mut doc = String::new();
            text.lines().filter_map(move |line| {
                if let Some(d) = line.strip_prefix("##") {
                    doc.push_str(d);
                } else if let Some(head) = line.strip_prefix("fn ") {
                    return Some((*module, head, std::mem::take(&mut doc)));
                } else {
                    doc.clear();
                }
                None
            })
        })
    }

    #[test]
    fn modules_are_the_files() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../stdlib");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .filter_map(|f| f.strip_suffix(".rsm").map(str::to_owned))
            .collect();
        files.sort();
        let listed: Vec<&str> = MODULES.iter().map(|m| m.0).collect();
        assert_eq!(listed, files);
        assert!(module("selection").is_some() && module("nothing").is_none());
    }

    #[test]
    fn every_function_is_documented_and_named_once() {
        let mut names: Vec<&str> = Vec::new();
        for (module, head, doc) in heads() {
            let name = head.split('(').next().unwrap();
            assert!(doc.trim().len() > 15, "{module}: `{name}` has no `##` lines");
            assert!(head.ends_with('{') && head.contains("->"), "{module}: `{head}`");
            names.push(name);
        }
        assert!(names.len() >= 14);
        let n = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n, "a function is written twice");
    }
}
