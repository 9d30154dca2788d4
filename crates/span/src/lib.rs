//! Positions in program text: byte spans and the line index that turns them into lines and columns.
//!
//! Offsets are UTF-8 bytes. Lines and columns are 1-based; columns count Unicode scalar values.
#![forbid(unsafe_code)]

use serde::Serialize;

/// A half-open byte range `start..end` of one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty span at `at`.
    pub const fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as a `usize` range, for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text under the span; empty when the span does not lie on character boundaries of `text`.
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }

    /// Number of bytes covered.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A place as people write it: 1-based line, 1-based column in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineCol {
    /// Byte offset.
    pub offset: u32,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in Unicode scalar values.
    pub column: u32,
}

/// Byte offsets at which the lines of a text start.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`. A line ends at `\n`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1),
        );
        Self { starts }
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|&s| s as usize <= offset).max(1);
        let start = self.starts[line - 1] as usize;
        let column = text.get(start..offset).map_or(0, |s| s.chars().count()) + 1;
        LineCol { offset: offset as u32, line: line as u32, column: column as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_scalars_and_lines_start_at_one() {
        let text = "é🛋x\nab";
        let index = LineIndex::new(text);
        assert_eq!(index.line_col(text, 0), LineCol { offset: 0, line: 1, column: 1 });
        assert_eq!(index.line_col(text, 6).column, 3);
        assert_eq!(index.line_col(text, 8), LineCol { offset: 8, line: 2, column: 1 });
        assert_eq!(index.line_col(text, 999).line, 2);
        // An offset inside a character is that character.
        assert_eq!(index.line_col(text, 3).column, 2);
    }

    #[test]
    fn joining_covers_both() {
        assert_eq!(Span::new(3, 5).to(Span::new(1, 2)), Span::new(1, 5));
        assert_eq!(Span::new(1, 99).text("abc"), "");
    }
}
