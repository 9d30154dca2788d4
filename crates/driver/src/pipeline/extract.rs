//! The program in a model's reply.

use reasmory_syntax::parse;

/// Longest program that is taken out of a reply.
const LONGEST: usize = 64 << 10;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extracted {
    /// A program.
    Program(String),
    /// None, and why, as a sentence.
    Nothing(&'static str),
}

/// A fenced block.
struct Fence<'t> {
    language: &'t str,
    text: String,
}

/// The fenced blocks of a text; one that is not closed ends with it.
fn fences(text: &str) -> Vec<Fence<'_>> {
    let mut out: Vec<Fence<'_>> = Vec::new();
    let mut open: Option<&str> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|m| trimmed.starts_with(m));
        match (open, mark) {
            (None, Some(m)) => {
                let info = trimmed.trim_start_matches(['`', '~']).trim();
                // A program on the line of its fence: ```answer 1```
                if let Some(inside) = info.strip_suffix(m).filter(|i| !i.trim().is_empty()) {
                    out.push(Fence { language: "", text: format!("{}\n", inside.trim()) });
                    continue;
                }
                open = Some(m);
                out.push(Fence {
                    language: info.split_whitespace().next().unwrap_or(""),
                    text: String::new(),
                });
            }
            (Some(m), Some(_))
                if trimmed.starts_with(m) && trimmed.trim_matches(['`', '~']).is_empty() =>
            {
                open = None;
            }
            (Some(_), _) => {
                if let Some(f) = out.last_mut() {
                    f.text.push_str(line);
                    f.text.push('\n');
                }
            }
            (None, None) => {}
        }
    }
    out
}

/// A reply without what a model thinks aloud before it.
fn spoken(reply: &str) -> &str {
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        if let Some(at) = reply.rfind(close)
            && reply.trim_start().starts_with(open)
        {
            return &reply[at + close.len()..];
        }
    }
    reply
}

fn starts_statement(line: &str) -> bool {
    let line = line.trim_start();
    let word: String =
        line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if matches!(word.as_str(), "answer" | "show" | "fn" | "assert" | "if" | "for") {
        return true;
    }
    let rest = line[word.len()..].trim_start();
    !word.is_empty() && rest.starts_with('=') && !rest.starts_with("==")
}

/// The program of a reply: its fenced block; of several the last that says it is one, else the last that parses,
/// else the last; without a fence the whole reply where it parses, else from its first statement to its end.
pub fn extract(reply: &str) -> Extracted {
    let text = spoken(reply);
    if text.trim().is_empty() {
        return Extracted::Nothing("The reply is empty.");
    }
    let blocks: Vec<Fence<'_>> =
        fences(text).into_iter().filter(|f| !f.text.trim().is_empty()).collect();
    let named = |f: &&Fence<'_>| matches!(f.language, "reasmory" | "rsm");
    let sound = |t: &str| parse(t).diagnostics.is_empty();
    let program = if blocks.is_empty() {
        if text.contains("```") {
            return Extracted::Nothing("The fence of the reply is empty.");
        }
        // A word or a sentence may parse; a program has a statement.
        if text.len() <= LONGEST && text.lines().any(starts_statement) && sound(text) {
            text.trim_start_matches('\n').to_owned()
        } else {
            let lines: Vec<&str> = text.lines().collect();
            let Some(first) = lines.iter().position(|l| starts_statement(l)) else {
                return Extracted::Nothing("There is no program in the reply.");
            };
            format!("{}\n", lines[first..].join("\n").trim_end())
        }
    } else {
        let chosen = blocks
            .iter()
            .rfind(named)
            .or_else(|| blocks.iter().rfind(|f| f.text.len() <= LONGEST && sound(&f.text)))
            .or_else(|| blocks.last());
        chosen.map_or(String::new(), |f| f.text.clone())
    };
    if program.len() > LONGEST {
        return Extracted::Nothing("The program of the reply is longer than 64 KiB.");
    }
    Extracted::Program(program)
}

/// Any bytes as a reply: what is found is part of it, and no panic.
pub fn fuzz(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Extracted::Program(p) = extract(&text) {
        assert!(!p.trim().is_empty() && p.len() <= LONGEST, "{p:?}");
        for line in p.lines() {
            assert!(text.contains(line.trim()), "{line:?} is not in the reply");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found() {
        let p = "answer 1\n";
        for reply in [
            "answer 1\n",
            "```\nanswer 1\n```",
            "Here you are:\n```reasmory\nanswer 1\n```\nDone.",
            "```\nanswer 1",
            "~~~rsm\nanswer 1\n~~~",
            "```answer 1```",
            "Sure! The program is\nanswer 1",
            "<think>```\nanswer 2\n```</think>\n```\nanswer 1\n```",
            "```python\nprint(2)\n```\n```reasmory\nanswer 1\n```\n```text\nx y\n```",
            "```\nanswer 2\n```\nor better\n```\nanswer 1\n```",
            "```\nanswer 1\n```\nwhich prints\n```\n1 metre or so\n```",
        ] {
            assert_eq!(extract(reply), Extracted::Program(p.into()), "{reply}");
        }
        for (reply, says) in [
            ("", "empty"),
            (" \n", "empty"),
            ("```\n\n```", "fence"),
            ("I cannot answer this.", "no program"),
            ("no", "no program"),
        ] {
            match extract(reply) {
                Extracted::Nothing(why) => assert!(why.contains(says), "{why}"),
                other => panic!("{reply}: {other:?}"),
            }
        }
    }

    #[test]
    fn mangled_replies() {
        let reply = "<think>a</think>Say:\n```reasmory\nx = 1\nanswer x\n```\n~~~\n~~~ `` ` answer";
        for i in 0..reply.len() {
            fuzz(&reply.as_bytes()[i..]);
            for c in [b'`', b'~', b'\n', b'=', 0xff] {
                let mut bytes = reply.as_bytes().to_vec();
                bytes[i] = c;
                fuzz(&bytes);
            }
        }
    }
}
