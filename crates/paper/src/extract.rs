//! Where the plan stands in what a model wrote.

use reasmory_span::Span;

/// The plan inside a model's text: the first `python` fence, else the first fence, else the whole text.
/// A fence that is not closed ends with the text. The span holds whole lines, without the fences' own.
pub fn extract(text: &str) -> Span {
    let fences = fences(text);
    let python = fences.iter().find(|f| f.python).or_else(|| fences.first());
    python.map_or(Span::new(0, text.len() as u32), |f| f.inside)
}

/// A fenced block.
struct Fence {
    python: bool,
    inside: Span,
}

fn fences(text: &str) -> Vec<Fence> {
    let mut out = Vec::new();
    let mut open: Option<(bool, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if let Some(info) = line.trim().strip_prefix("```") {
            match open.take() {
                // Only bare marks close: a plan may hold no line that starts with a mark and goes on.
                Some((python, from)) if info.trim_matches('`').is_empty() => {
                    out.push(Fence { python, inside: Span::new(from as u32, start as u32) });
                }
                Some(still) => open = Some(still),
                None => {
                    let word = info.trim_start_matches('`').trim().to_ascii_lowercase();
                    open = Some((matches!(word.as_str(), "python" | "python3" | "py"), end));
                }
            }
        }
        start = end;
    }
    if let Some((python, from)) = open {
        out.push(Fence { python, inside: Span::new(from as u32, text.len() as u32) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::extract;

    #[test]
    fn the_first_python_fence_wins() {
        for (text, want) in [
            ("x = 1\n", "x = 1\n"),
            ("Plan:\n```python\nx = 1\n```\nDone.\n", "x = 1\n"),
            ("```json\n{}\n```\n```Python\nx\n```\n```python\ny\n```", "x\n"),
            ("```\nx\n```\n", "x\n"),
            ("é\n```python\nx\n", "x\n"),
            ("```python\r\nx\r\n```\r\n", "x\r\n"),
            ("```python", ""),
            ("", ""),
        ] {
            assert_eq!(extract(text).text(text), want, "{text:?}");
        }
    }
}
