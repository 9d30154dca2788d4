//! No good program is refused or warned of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rayon::prelude::*;
use reasmory_driver::sema::catalogue;
use reasmory_tests::inventory;
use reasmory_tests::programs::{check_with, findings};

use super::{asked, good_programs, say};

#[test]
fn nothing_is_said_of_good_programs() {
    let all = good_programs();
    let stories: Vec<String> = all
        .par_iter()
        .filter_map(|g| {
            let d = asked(&g.text, &g.scene, |o| check_with(&g.text, o)).diagnostics;
            let mut story = String::new();
            if !d.is_empty() {
                let _ = writeln!(story, "{} on {}\n{}", g.name, g.scene, g.text.trim_end());
                for line in findings(&g.text, &d).lines() {
                    let _ = writeln!(story, "  have {line}");
                }
            }
            (!story.is_empty()).then_some(story)
        })
        .collect();
    let scenes: BTreeSet<&str> = all.iter().map(|g| g.scene.as_str()).collect();
    say(&format!("good programs: {} on {} scenes", all.len(), scenes.len()));
    say(&format!("  with a finding: {}", stories.len()));
    assert!(stories.is_empty(), "{}", stories.concat());
}

#[test]
fn there_are_enough_and_every_operation_is_used() {
    let all = good_programs();
    assert!(all.len() >= 400, "{}", all.len());
    let mut by_scene: BTreeMap<&str, usize> = BTreeMap::new();
    let mut texts: BTreeSet<(&str, &str)> = BTreeSet::new();
    for g in all {
        *by_scene.entry(g.scene.as_str()).or_default() += 1;
        assert!(texts.insert((&g.scene, &g.text)), "{} stands in the corpus twice", g.name);
    }
    assert!(by_scene.len() >= 20, "{by_scene:?}");
    for name in inventory::names() {
        assert!(by_scene.contains_key(name), "no good program is for {name}");
    }
    for c in catalogue::all() {
        let name = c.name();
        let used = all.iter().any(|g| {
            g.text.match_indices(name).any(|(i, _)| {
                let around = |x: Option<char>| x.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !around(g.text[..i].chars().next_back())
                    && !around(g.text[i + name.len()..].chars().next())
            })
        });
        // A model call is an error without a model.
        assert!(used || name == "pick", "no good program uses `{name}`");
    }
}
