//! Workflow commands of GitHub Actions: `::error file=…,line=…::message`, an annotation each.

use reasmory_span::LineIndex;

use super::{Report, printable};
use crate::Note;

/// Renders a report in workflow commands, one a line. The end column is the first one after the finding.
pub fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for file in report.files {
        let index = LineIndex::new(file.text);
        for d in file.diagnostics {
            let span = d.primary.span;
            let start = index.line_col(file.text, span.start);
            let end = index.line_col(file.text, span.end.max(span.start));
            let mut message = d.message.clone();
            for note in &d.notes {
                let (kind, text) = match note {
                    Note::Note(text) => ("note", text),
                    Note::Help(text) => ("help", text),
                };
                message.push_str(&format!("\n{kind}: {text}"));
            }
            let title = format!("{} {}", d.code, d.code.name());
            out.push_str(&format!(
                "::{} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
                d.severity().name(),
                property(file.name),
                start.line,
                start.column,
                end.line,
                end.column,
                property(&title),
                data(&message),
            ));
        }
    }
    out
}

/// Text after `::`.
fn data(text: &str) -> String {
    let escaped = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    printable(&escaped)
}

/// Text between commas.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%\u{1b}"), "a%3Ab%2Cc%25?");
    }
}
