//! Reading Rust source line by line, well enough for the rules: without comments and text literals,
//! without test modules.

/// Lines with comments and the contents of text literals blanked; line numbers are 1-based. Block
/// comments and literals over several lines are followed.
pub fn code_lines(text: &str) -> Vec<(usize, String)> {
    let mut state = State::Code;
    text.lines().enumerate().map(|(i, line)| (i + 1, blank(line, &mut state))).collect()
}

enum State {
    Code,
    Block(u32),
    Text,
    Raw(usize),
}

fn blank(line: &str, state: &mut State) -> String {
    let chars: Vec<char> = line.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut out = String::with_capacity(line.len());
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        match state {
            State::Code => match c {
                '/' if at(i + 1) == '/' => break,
                '/' if at(i + 1) == '*' => {
                    *state = State::Block(1);
                    i += 1;
                }
                '"' => {
                    *state = State::Text;
                    out.push('"');
                }
                'r' if matches!(at(i + 1), '"' | '#')
                    && !word(i.checked_sub(1).map_or(' ', at)) =>
                {
                    let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
                    if at(i + 1 + hashes) == '"' {
                        *state = State::Raw(hashes);
                        out.push('"');
                        i += 1 + hashes;
                    } else {
                        out.push(c);
                    }
                }
                // Character literals, so that a quote in one does not start a text.
                '\'' if at(i + 1) == '\\' && at(i + 3) == '\'' => i += 3,
                '\'' if at(i + 2) == '\'' => i += 2,
                _ => out.push(c),
            },
            State::Block(depth) => {
                if c == '/' && at(i + 1) == '*' {
                    *depth += 1;
                    i += 1;
                } else if c == '*' && at(i + 1) == '/' {
                    *depth -= 1;
                    i += 1;
                    if *depth == 0 {
                        *state = State::Code;
                    }
                }
            }
            State::Text => match c {
                '\\' => i += 1,
                '"' => {
                    *state = State::Code;
                    out.push('"');
                }
                _ => {}
            },
            State::Raw(hashes) => {
                let n = *hashes;
                if c == '"' && chars[i + 1..].iter().take(n).filter(|c| **c == '#').count() == n {
                    *state = State::Code;
                    out.push('"');
                    i += n;
                }
            }
        }
        i += 1;
    }
    out
}

/// Code lines up to the first test module; what follows one is taken for tests as well.
pub fn product_lines(text: &str) -> Vec<(usize, String)> {
    let lines = code_lines(text);
    let end = lines
        .windows(2)
        .position(|w| {
            let next = w[1].1.trim_start();
            w[0].1.trim() == "#[cfg(test)]" && next.starts_with("mod ") && next.contains('{')
        })
        .unwrap_or(lines.len());
    lines.into_iter().take(end).collect()
}

/// Names of modules that a file declares for tests only, by `#[cfg(test)] mod name;`.
pub fn test_modules(text: &str) -> Vec<String> {
    let lines = code_lines(text);
    lines
        .windows(2)
        .filter(|w| w[0].1.trim() == "#[cfg(test)]")
        .filter_map(|w| {
            let name = w[1].1.trim().strip_suffix(';')?;
            let name = name.strip_prefix("pub(crate) ").unwrap_or(name);
            name.strip_prefix("mod ").map(str::to_owned)
        })
        .collect()
}

/// Whether `needle` occurs in `line` as a whole word: not inside a longer name.
pub fn has_word(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(i, _)| {
        let before = line[..i].chars().next_back().unwrap_or(' ');
        let after = line[i + needle.len()..].chars().next().unwrap_or(' ');
        let starts = needle.chars().next().is_some_and(word);
        let ends = needle.chars().next_back().is_some_and(word);
        !(starts && word(before) || ends && word(after))
    })
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_blank() {
        let text = "a /* b\n c */ d // e\nf(\"g \\\" h\", r#\"i \" j\"#, '\"', 'k')\nl(\"m\nn\")";
        let lines: Vec<String> = code_lines(text).into_iter().map(|l| l.1).collect();
        assert_eq!(lines, ["a ", " d ", "f(\"\", \"\", , )", "l(\"", "\")"]);
    }

    #[test]
    fn tests_are_not_product() {
        let text = "fn a() {}\n#[cfg(test)]\nmod t;\n#[cfg(test)]\nmod tests {\nfn b() {}\n}";
        assert_eq!(product_lines(text).len(), 3);
        assert_eq!(test_modules(text), ["t"]);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use std::fs;", "std::fs"));
        assert!(!has_word("my_std::fsx", "std::fs"));
        assert!(has_word("x.println!(", "println!") && !has_word("eprintln!()", "println!"));
    }
}
