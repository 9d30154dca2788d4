//! What a finding is recognised by from one version of a file to the next.

use std::collections::BTreeMap;

use super::{Source, clamp};
use crate::{Code, Diagnostic};

/// Fingerprints of the findings of one file. They depend on the file's name, the code, the words of the
/// lines it stands on, and on how many alike came before; not on line numbers, and not on messages.
pub(super) struct Fingerprints<'a> {
    file: Source<'a>,
    seen: BTreeMap<(Code, String), usize>,
}

impl<'a> Fingerprints<'a> {
    /// Of a file, none yet.
    pub(super) fn new(file: Source<'a>) -> Self {
        Self { file, seen: BTreeMap::new() }
    }

    /// Of the next finding: 32 hexadecimal digits.
    pub(super) fn next(&mut self, d: &Diagnostic) -> String {
        let snippet = snippet(self.file.text, d);
        let n = self.seen.entry((d.code, snippet.clone())).or_insert(0);
        *n += 1;
        let count = n.to_string();
        format!("{:032x}", hash(&[self.file.name, d.code.name(), &snippet, &count]))
    }
}

/// The lines under the primary span and the spanned text, white space collapsed.
fn snippet(text: &str, d: &Diagnostic) -> String {
    let range = clamp(text, d.primary.span);
    let start = text[..range.start].rfind('\n').map_or(0, |i| i + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |i| range.end + i);
    let words = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}\n{}", words(&text[start..end]), words(&text[range]))
}

/// FNV-1a of 128 bits; the parts are kept apart by a byte that UTF-8 does not have.
fn hash(parts: &[&str]) -> u128 {
    let mut h: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for part in parts {
        for b in part.bytes().chain([0xff]) {
            h = (h ^ u128::from(b)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_span::Span;

    fn prints(text: &str, spans: &[(u32, u32)]) -> Vec<String> {
        let mut f = Fingerprints::new(Source { name: "p.rsm", text, diagnostics: &[] });
        let found = |s: &(u32, u32)| Diagnostic::new(Code::UnknownName, Span::new(s.0, s.1), "m");
        spans.iter().map(|s| f.next(&found(s))).collect()
    }

    #[test]
    fn a_moved_line_keeps_its_fingerprint_and_alike_findings_differ() {
        let one = prints("a = b", &[(4, 5)]);
        assert_eq!(one, prints("# more\n\n  a =  b\n", &[(15, 16)]));
        assert_eq!(one[0].len(), 32);
        let two = prints("a = b\na = b", &[(4, 5), (10, 11)]);
        assert_eq!(one[0], two[0]);
        assert_ne!(two[0], two[1]);
        assert_ne!(one, prints("a = c", &[(4, 5)]));
        // The published value of the empty text.
        assert_eq!(hash(&[]), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
    }
}
