//! One line a diagnostic: `plan.rsm:2:9: error[E0201 unknown-operation]: message`.

use reasmory_span::LineIndex;

use super::{Report, printable};

/// Renders a report in lines.
pub fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for file in report.files {
        let index = LineIndex::new(file.text);
        for d in file.diagnostics {
            let at = index.line_col(file.text, d.primary.span.start);
            let line = format!(
                "{}:{}:{}: {}[{} {}]: {}",
                file.name,
                at.line,
                at.column,
                d.severity().name(),
                d.code,
                d.code.name(),
                d.message
            );
            out.push_str(&printable(&line).replace('\n', " "));
            out.push('\n');
        }
    }
    out
}
