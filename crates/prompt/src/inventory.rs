//! What the scene holds, as far as a program needs to know it.

use reasmory_scene::{CategoryEntry, Manifest};
use reasmory_sema::nearest_categories;

use crate::words::{is_stop, words};
use crate::{Subject, quoted};

/// Longest name of a category that is listed: a program writes it in full or not at all.
const LONGEST_NAME: usize = 60;
/// Words of a question that are looked up; what comes after is not.
const MOST_WORDS: usize = 120;
/// Longest phrase that is looked up, in words.
const LONGEST_PHRASE: usize = 3;

/// A phrase of the question and the category that it surely means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention<'a> {
    pub(crate) phrase: String,
    pub(crate) category: &'a str,
}

/// The categories that the question and its options name, in the order of the words.
pub(crate) fn mentions<'a>(subject: Subject<'a>) -> Vec<Mention<'a>> {
    let (Some(m), Some(q)) = (subject.scene, subject.question) else { return vec![] };
    let known: Vec<&str> = m.categories.iter().map(|c| c.name.as_str()).collect();
    let mut out: Vec<Mention<'a>> = Vec::new();
    let mut texts = vec![q.text.as_str()];
    texts.extend(q.options.iter().map(|o| o.text.as_str()));
    let mut left = MOST_WORDS;
    for text in texts {
        let words = words(text);
        let words = &words[..words.len().min(left)];
        left -= words.len();
        let mut at = 0;
        while at < words.len() {
            let longest = LONGEST_PHRASE.min(words.len() - at);
            let hit = (1..=longest).rev().find_map(|n| {
                // No name starts or ends with an article or a preposition.
                if is_stop(&words[at]) || is_stop(&words[at + n - 1]) {
                    return None;
                }
                let phrase = words[at..at + n].join(" ");
                let (near, certain) = nearest_categories(&phrase, &known, subject.synonyms);
                let category = near.first().filter(|_| certain)?;
                Some((n, phrase, *category))
            });
            match hit {
                Some((n, phrase, category)) => {
                    if out.iter().all(|o| o.phrase != phrase) {
                        out.push(Mention { phrase, category });
                    }
                    at += n;
                }
                None => at += 1,
            }
        }
    }
    out
}

/// What the question calls otherwise than the scene does: `"couch" is "sofa"`.
pub(crate) fn called(mentions: &[Mention<'_>]) -> String {
    let rows = mentions
        .iter()
        .filter(|m| {
            // Case, number and separators aside it is the same word; that needs no saying.
            let letters = |s: &str| -> String {
                s.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
            };
            let (a, b) = (letters(&m.phrase), letters(m.category));
            !(a == b || a == format!("{b}s") || a == format!("{b}es"))
        })
        .map(|m| format!("{} is {} here", quoted(&m.phrase), quoted(m.category)));
    rows.collect::<Vec<_>>().join("; ")
}

fn count(c: &CategoryEntry) -> u64 {
    c.stated_count.map_or(c.instances.len() as u64, u64::from)
}

fn entry(m: &Manifest, c: &CategoryEntry) -> String {
    let mut out = format!("{}: {}", quoted(&c.name), count(c));
    let fronts = c.instances.iter().filter_map(|i| m.instance(*i)).any(|i| i.front.is_some());
    if c.instances.is_empty() {
        out.push_str(" (counted, no places)");
    } else if fronts {
        out.push_str(" (front known)");
    }
    out
}

/// A number to three digits at most, for people and models.
fn short(x: f64) -> String {
    let text = if x.abs() >= 100.0 { format!("{x:.0}") } else { format!("{x:.2}") };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn facts(m: &Manifest) -> String {
    let metric = m.scale.is_metric();
    let mut parts = vec![if metric {
        "scale in metres".to_owned()
    } else {
        "scale unknown (lengths can be compared, not given in metres; amounts in % of the room)"
            .to_owned()
    }];
    if m.uncertainty.position > 0.0 {
        let unit = if metric { " m" } else { "" };
        parts.push(format!("positions to ±{}{unit}", short(m.uncertainty.position)));
    }
    if let Some(r) = &m.room {
        let area = if r.area().is_some() { "floor area known" } else { "floor area unknown" };
        let height = if r.height().is_some() { "height known" } else { "height unknown" };
        parts.push(format!("a room ({area}, {height})"));
    } else {
        parts.push("no room outline".to_owned());
    }
    let photos = m.photos.len();
    parts.push(match photos {
        0 => "no photos".to_owned(),
        1 => "photo 1".to_owned(),
        n => format!("photos 1 to {n}"),
    });
    if let Some(last) = m.photos.iter().filter_map(|p| p.time).reduce(f64::max) {
        parts.push(format!("times 0 s to {} s", short(last)));
    }
    format!("Scene: {}.", parts.join("; "))
}

/// The lines about the scene, and how many categories are left out: all but those that are mentioned where
/// `all` is false, and those whose names are too long to be written.
pub(crate) fn inventory(
    subject: Subject<'_>,
    mentioned: &[Mention<'_>],
    all: bool,
) -> (String, usize) {
    let Some(m) = subject.scene else { return (String::new(), 0) };
    let is_mentioned = |c: &CategoryEntry| mentioned.iter().any(|x| x.category == c.name);
    let listed =
        |c: &&CategoryEntry| (all || is_mentioned(c)) && c.name.chars().count() <= LONGEST_NAME;
    let mut rows: Vec<&CategoryEntry> = m.categories.iter().filter(listed).collect();
    rows.sort_by_key(|c| !is_mentioned(c));
    let rows: Vec<String> = rows.into_iter().map(|c| entry(m, c)).collect();
    let unlisted = m.categories.len() - rows.len();
    let mut out = facts(m);
    if !m.categories.is_empty() {
        out.push_str(&format!("\nCategories and how many: {}", rows.join(", ")));
        if unlisted > 0 {
            out.push_str(&format!(", and {unlisted} more"));
        }
        out.push('.');
    }
    (out, unlisted)
}
