//! Every code has a whole page. That the examples give their codes is tested by the whole-system tests.

use reasmory_diag::{CODES, page_fences, page_sections};

const SECTIONS: [&str; 5] =
    ["What it means", "Why it matters", "Example", "Fixed", "Typical cause in generated programs"];

#[test]
fn pages_have_their_title_and_sections() {
    for c in CODES {
        let title = format!("# {} {}\n", c.id, c.name);
        assert!(c.page.starts_with(&title), "{}: the title is not `{}`", c.name, title.trim());
        let sections = page_sections(c.page);
        let names: Vec<&str> = sections.iter().map(|s| s.0.as_str()).collect();
        assert_eq!(names, SECTIONS, "{}", c.name);
        for (name, text) in &sections {
            assert!(!text.is_empty(), "{}: `{name}` is empty", c.name);
        }
        let lines = c.page.lines().count();
        assert!((15..=40).contains(&lines), "{}: {lines} lines", c.name);
    }
}

#[test]
fn pages_have_one_example_and_one_repair() {
    for c in CODES {
        let fences = page_fences(c.page);
        let sections: Vec<&str> = fences.iter().map(|f| f.section.as_str()).collect();
        assert_eq!(sections, ["Example", "Fixed"], "{}", c.name);
        let (example, fixed) = (&fences[0], &fences[1]);
        let plan = example.language() == "python";
        let language = if plan { "python" } else { "reasmory" };
        assert_eq!(fixed.language(), language, "{}: the repair is a program", c.name);
        assert!(!fixed.has("run"), "{}: the repair is checked, not run", c.name);
        match example.language() {
            // A program, or a plan in the paper's dialect.
            "reasmory" | "python" => {
                assert_ne!(example.text, fixed.text, "{}: nothing was repaired", c.name);
            }
            // A code that no short program gives says so before its block.
            "text" => {
                let text = page_sections(c.page).into_iter().find(|s| s.0 == "Example");
                let reason = text.map(|s| s.1).unwrap_or_default();
                assert!(!reason.starts_with("```"), "{}: no reason for a text block", c.name);
            }
            other => panic!("{}: an example in `{other}`", c.name),
        }
        for f in &fences {
            let known = [
                "reasmory",
                "python",
                "text",
                "run",
                "model",
                "scene=room",
                "scene=relative",
                "scene=boxes",
                "scene=noisy",
                "model",
                "allow-model",
                "all",
            ];
            for word in f.info.split_whitespace() {
                assert!(known.contains(&word), "{}: `{word}` in a fence's info", c.name);
            }
            assert!(!f.has("run") || f.scene().is_some(), "{}: a run needs a scene", c.name);
        }
    }
}
