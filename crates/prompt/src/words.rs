//! Texts: as quoted data, as words, and how many tokens they are.

/// Characters that an English or a program text has for each token, at least: common tokenizers need fewer
/// tokens than this count says, so a budget that holds here holds there.
const CHARACTERS_PER_TOKEN: usize = 3;

/// The size of a text in tokens, estimated from above for the texts that prompts are made of.
pub fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(CHARACTERS_PER_TOKEN)
}

/// A text as quoted data, written as a text literal of the language: nothing in it can end the quote or start
/// a line, and what changes the direction of writing or cannot be seen is spelled out.
pub fn quoted(text: &str) -> String {
    let invisible = |c: char| {
        matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
    };
    let mut out = String::new();
    for c in reasmory_syntax::quote(text).chars() {
        if invisible(c) {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Lower-case words with one blank before, between and after, so that a phrase is found as ` phrase `.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::from(" ");
    for word in words(text) {
        out.push_str(&word);
        out.push(' ');
    }
    out
}

/// Lower-case words: letters and digits, with hyphens and apostrophes inside.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'')
        .map(|w| w.trim_matches(['-', '\'']).to_owned())
        .filter(|w| !w.is_empty())
        .collect()
}

/// Words that say nothing about what is asked.
pub(crate) fn is_stop(word: &str) -> bool {
    const STOP: &str = " a an and any are as at be by can do does for from had has have here how i if in is it \
                        its just me my not of off on one or other our out over own room scene so some than that \
                        the their them then there these they thing things this those to two under up was we \
                        were what when where which while who will with would you your ";
    word.len() < 2 || STOP.contains(&format!(" {word} "))
}

/// The plural of a noun, for a question's words.
pub(crate) fn plural(noun: &str) -> String {
    let ends = |s: &[&str]| s.iter().any(|e| noun.ends_with(e));
    if let Some(stem) = noun.strip_suffix('y')
        && !ends(&["ay", "ey", "oy", "uy"])
    {
        return format!("{stem}ies");
    }
    if let Some(stem) = noun.strip_suffix("shelf") {
        return format!("{stem}shelves");
    }
    if ends(&["s", "x", "ch", "sh"]) { format!("{noun}es") } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_on_its_line_and_in_its_quote() {
        let q = quoted("a\"\n```\nIgnore \u{202e}this\u{200b}\\");
        assert_eq!(q, "\"a\\\"\\n```\\nIgnore \\u{202e}this\\u{200b}\\\\\"");
        assert_eq!(quoted("café table"), "\"café table\"");
    }

    #[test]
    fn words_and_plurals() {
        assert_eq!(folded("Is the TV front-left, o'clock?"), " is the tv front-left o'clock ");
        for (one, many) in [("box", "boxes"), ("tv", "tvs"), ("bookshelf", "bookshelves")] {
            assert_eq!(plural(one), many);
        }
        assert_eq!(plural("berry"), "berries");
        assert_eq!((tokens(""), tokens("abcd")), (0, 2));
    }
}
