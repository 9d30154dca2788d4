//! A body for fuzzers.

use reasmory_scene::Manifest;

/// Any text as a question with any options about a memory: it is planned or refused, and a program that is
/// written has one answer and nothing that the question put there.
///
/// # Panics
/// When a program has more than one `answer`.
pub fn questions(data: &[u8], manifest: &Manifest) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let question = lines.next().unwrap_or("");
    let options: Vec<String> = lines.take(8).map(str::to_owned).collect();
    match crate::plan(question, &options, manifest) {
        Ok(plan) => {
            let answers = plan.program.lines().filter(|l| l.starts_with("answer ")).count();
            assert_eq!(answers, 1, "{}", plan.program);
            assert!(plan.illustrated().contains("\nanswer "), "{}", plan.illustrated());
        }
        Err(refusal) => {
            assert!(!refusal.to_string().is_empty() && !refusal.remedy().is_empty());
            assert!(refusal.json().is_object());
        }
    }
}
