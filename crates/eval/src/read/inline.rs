//! Options that stand within the text of a question.

/// Splits `… Options: A: left, B: right` or `… A. left B. right` into the question and its options; `None`
/// where fewer than two stand there. Letters run on from A; the last start of such a run counts.
pub(super) fn split(text: &str) -> Option<(String, Vec<String>)> {
    let starts: Vec<usize> = marks(text, 'A').collect();
    starts.into_iter().rev().find_map(|start| run(text, start))
}

/// Where a letter stands as the mark of an option: after a blank or an opening bracket, before `.`, `:`
/// or `)`.
fn marks(text: &str, letter: char) -> impl Iterator<Item = usize> {
    text.match_indices(letter).map(|m| m.0).filter(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + 1..].chars().next();
        before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ',' | ';' | '`'))
            && matches!(after, Some('.' | ':' | ')'))
    })
}

fn run(text: &str, start: usize) -> Option<(String, Vec<String>)> {
    let mut at = vec![start];
    for letter in 'B'..='J' {
        let from = at.last()? + 2;
        match marks(&text[from..], letter).next() {
            Some(i) => at.push(from + i),
            None => break,
        }
    }
    if at.len() < 2 {
        return None;
    }
    let ends = at.iter().skip(1).copied().chain([text.len()]);
    let options: Vec<String> = at
        .iter()
        .zip(ends)
        .zip('A'..)
        .map(|((from, to), letter)| {
            let body = text[from + 2..to].trim();
            let body = body.trim_end_matches(['(', ',', ';', '.', ' ', '\n']);
            format!("{letter}. {body}")
        })
        .collect();
    let question = text[..start].trim_end_matches(['(', ' ', '\n']);
    let question = ["Options:", "options:", "Choices:"]
        .iter()
        .find_map(|w| question.strip_suffix(w))
        .unwrap_or(question);
    Some((question.trim().to_owned(), options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_in_the_text() {
        let got = |t: &str| split(t).map(|(q, o)| (q, o.join("|")));
        let pair = |q: &str, o: &str| Some((q.to_owned(), o.to_owned()));
        assert_eq!(
            got("Where are you going?\nOptions: A: Left while moving, B: Right, C: Back, D: Front"),
            pair("Where are you going?", "A. Left while moving|B. Right|C. Back|D. Front")
        );
        assert_eq!(
            got("What is behind me? A. Sofa B. The big TV. C. Plan A: yes"),
            pair("What is behind me?", "A. Sofa|B. The big TV|C. Plan A: yes")
        );
        assert_eq!(got("Is it so? (A) yes (B) no"), pair("Is it so?", "A. yes|B. no"));
        assert_eq!(got("From image A. What is there?"), None);
        assert_eq!(got("ÄA: B:"), None);
        assert_eq!(got(""), None);
    }
}
