//! Reading the pages under `spec/diagnostics/`: their sections and fenced programs.

/// A fenced block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Heading of the section it stands in; empty before the first.
    pub section: String,
    /// What follows the opening fence: `reasmory scene=room run`.
    pub info: String,
    /// The lines inside, each with its newline.
    pub text: String,
}

impl Fence {
    /// First word of the info string: `reasmory` for a program.
    pub fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or("")
    }

    /// The scene the block is checked against: the `x` of `scene=x`.
    pub fn scene(&self) -> Option<&str> {
        self.info.split_whitespace().find_map(|w| w.strip_prefix("scene="))
    }

    /// Whether an option stands in the info string, such as `run`.
    pub fn has(&self, option: &str) -> bool {
        self.info.split_whitespace().skip(1).any(|w| w == option)
    }
}

/// The fenced blocks of a page, in order. A block that is not closed ends with the page.
pub fn page_fences(page: &str) -> Vec<Fence> {
    let mut out: Vec<Fence> = Vec::new();
    let mut section = String::new();
    let mut open = false;
    for line in page.lines() {
        if let Some(info) = line.strip_prefix("```") {
            open = !open;
            if open {
                let info = info.trim().to_owned();
                out.push(Fence { section: section.clone(), info, text: String::new() });
            }
        } else if open {
            if let Some(fence) = out.last_mut() {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            section = heading.trim().to_owned();
        }
    }
    out
}

/// The sections of a page in order: heading and text, fences included.
pub fn page_sections(page: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        if line.starts_with("```") {
            open = !open;
        }
        match line.strip_prefix("## ").filter(|_| !open) {
            Some(heading) => out.push((heading.trim().to_owned(), String::new())),
            None => {
                if let Some((_, text)) = out.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    for (_, text) in &mut out {
        *text = text.trim().to_owned();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_know_their_section_and_info() {
        let page = "# T\n\n## Example\n```reasmory scene=room run\n## doc\nx = 1\n```\n\n## Fixed\n\
                    ```text\nopen";
        let f = page_fences(page);
        assert_eq!(f.len(), 2);
        assert_eq!((f[0].section.as_str(), f[0].language()), ("Example", "reasmory"));
        assert_eq!((f[0].scene(), f[0].has("run"), f[0].has("scene")), (Some("room"), true, false));
        assert_eq!(f[0].text, "## doc\nx = 1\n");
        assert_eq!((f[1].section.as_str(), f[1].text.as_str()), ("Fixed", "open\n"));
        let s = page_sections(page);
        assert_eq!(s.iter().map(|s| s.0.as_str()).collect::<Vec<_>>(), ["Example", "Fixed"]);
    }
}
