//! Every program of the manual parses without a diagnostic.

mod common;
use common::clean;

fn program(title: &str) -> &'static str {
    let manual = include_str!("../../../spec/language.md");
    manual
        .split("```reasmory\n")
        .skip(1)
        .filter_map(|s| s.split("```").next())
        .find(|p| p.starts_with(&format!("# {title}")))
        .unwrap_or_else(|| panic!("the manual has no program `{title}`"))
}

macro_rules! programs {
    ($($name:ident $title:literal)*) => {
        $(#[test] fn $name() { assert!(!clean(program($title)).program.items.is_empty()); })*

        #[test]
        fn every_program_has_a_test() {
            let manual = include_str!("../../../spec/language.md");
            assert_eq!(manual.matches("```reasmory\n").count(), [$($title),*].len());
        }
    };
}

programs! {
    relative_direction "relative direction"
    relative_distance "relative distance"
    object_size "object size"
    counting "counting with a filter"
    room_area "room area"
    appearance_order "first-appearance order"
    photo_and_walk "MindCube"
    route_planning "route planning"
    dynamic_scene "dynamic scene"
    selection_in_words "natural-language selection"
    reuse "reuse"
}
