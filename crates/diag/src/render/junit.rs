//! JUnit XML: a suite a file, a case a finding. An error fails its case; a warning does not, as it does
//! not fail the command either. A file without findings has one case, which passes.

use reasmory_span::LineIndex;

use super::{Report, Source};
use crate::shown::markup;
use crate::{Diagnostic, Note};

/// Renders a report as JUnit XML.
pub fn render(report: &Report<'_>) -> String {
    let s = report.summary();
    let cases: usize = report.files.iter().map(|f| f.diagnostics.len().max(1)).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"reasmory\" tests=\"{cases}\" failures=\"{}\" errors=\"0\">\n",
        s.errors
    ));
    for file in report.files {
        suite(&mut out, file);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, file: &Source<'_>) {
    let name = attribute(file.name);
    let failures = file.diagnostics.iter().filter(|d| d.is_error()).count();
    out.push_str(&format!(
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\">\n",
        file.diagnostics.len().max(1)
    ));
    if file.diagnostics.is_empty() {
        out.push_str(&format!(
            "    <testcase name=\"check\" classname=\"{name}\" file=\"{name}\"/>\n"
        ));
    }
    let index = LineIndex::new(file.text);
    for d in file.diagnostics {
        let at = index.line_col(file.text, d.primary.span.start);
        out.push_str(&format!(
            "    <testcase name=\"{} {} {}:{}\" classname=\"{name}\" file=\"{name}\" line=\"{}\" \
             column=\"{}\">\n",
            d.code,
            d.code.name(),
            at.line,
            at.column,
            at.line,
            at.column
        ));
        let body = markup(&body(file, d, at.line, at.column));
        if d.is_error() {
            let message = attribute(&d.message);
            out.push_str(&format!(
                "      <failure message=\"{message}\" type=\"{}\">{body}</failure>\n",
                d.code.name()
            ));
        } else {
            out.push_str(&format!("      <system-out>{body}</system-out>\n"));
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n");
}

fn body(file: &Source<'_>, d: &Diagnostic, line: u32, column: u32) -> String {
    let mut out = format!("{}:{line}:{column}: {}: {}", file.name, d.severity().name(), d.message);
    for note in &d.notes {
        let (kind, text) = match note {
            Note::Note(text) => ("note", text),
            Note::Help(text) => ("help", text),
        };
        out.push_str(&format!("\n{kind}: {text}"));
    }
    for s in &d.suggestions {
        out.push_str(&format!("\nfix ({}): {}", s.applicability.name(), s.title));
    }
    out
}

/// Text in double quotes: white space is written so that a reader does not fold it.
fn attribute(text: &str) -> String {
    markup(text).replace('\n', "&#10;").replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        assert_eq!(markup("a]]>b\u{0}<&\r"), "a]]&gt;b\u{fffd}&lt;&amp;&#13;");
        assert_eq!(attribute("\"\n\t'é🛋"), "&quot;&#10;&#9;&#39;é🛋");
    }
}
