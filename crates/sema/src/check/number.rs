//! Value numbers: equal pure computations over equal values have one number.
//!
//! Numbering happens for every expression, so it allocates nothing for a computation it has seen: tags and
//! operands are kept in two arenas, and the table holds places in them.

use hashbrown::HashTable;
use reasmory_types::{Dim, Direction};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

use crate::hir::{Cmp, Coercion, Vn};

/// What is computed, operands aside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tag<'t> {
    /// An operator, a list, an operation of the table.
    Op(&'t str),
    /// A function of the program or of the library.
    Call(&'t str),
    /// A field of a record.
    Field(&'t str),
    /// A text literal.
    Text(&'t str),
    /// A category.
    Category(&'t str),
    /// An Int.
    Int(i64),
    /// A quantity, by its bits.
    Quantity(u64, Dim),
    /// A truth value.
    Bool(bool),
    /// A direction.
    Direction(Direction),
    /// A comparison.
    Compare(Cmp),
    /// A conversion.
    Convert(Coercion),
}

impl<'t> Tag<'t> {
    /// The tag without its word, and the word.
    fn split(self) -> (Tag<'static>, &'t str) {
        match self {
            Tag::Op(w) => (Tag::Op(""), w),
            Tag::Call(w) => (Tag::Call(""), w),
            Tag::Field(w) => (Tag::Field(""), w),
            Tag::Text(w) => (Tag::Text(""), w),
            Tag::Category(w) => (Tag::Category(""), w),
            Tag::Int(i) => (Tag::Int(i), ""),
            Tag::Quantity(b, d) => (Tag::Quantity(b, d), ""),
            Tag::Bool(b) => (Tag::Bool(b), ""),
            Tag::Direction(d) => (Tag::Direction(d), ""),
            Tag::Compare(c) => (Tag::Compare(c), ""),
            Tag::Convert(c) => (Tag::Convert(c), ""),
        }
    }
}

impl<'t> From<&'t str> for Tag<'t> {
    fn from(word: &'t str) -> Self {
        Tag::Op(word)
    }
}

struct Entry {
    hash: u64,
    tag: Tag<'static>,
    word: (u32, u32),
    operands: (u32, u32),
    vn: Vn,
}

/// The numbers given so far.
#[derive(Default)]
pub(super) struct Numbering {
    words: String,
    operands: Vec<Vn>,
    table: HashTable<Entry>,
    last: u32,
}

impl Numbering {
    /// A number that no other value has.
    pub(super) fn fresh(&mut self) -> Vn {
        self.last += 1;
        Vn(self.last)
    }

    /// The number of a computation.
    pub(super) fn of(&mut self, tag: Tag<'_>, of: &[Vn]) -> Vn {
        let mut hasher = FxHasher::default();
        (tag, of).hash(&mut hasher);
        let hash = hasher.finish();
        let (kind, word) = tag.split();
        let range = |(start, len): (u32, u32)| start as usize..(start + len) as usize;
        let found = self.table.find(hash, |e| {
            e.tag == kind
                && &self.words[range(e.word)] == word
                && &self.operands[range(e.operands)] == of
        });
        if let Some(e) = found {
            return e.vn;
        }
        let vn = self.fresh();
        let entry = Entry {
            hash,
            tag: kind,
            word: (self.words.len() as u32, word.len() as u32),
            operands: (self.operands.len() as u32, of.len() as u32),
            vn,
        };
        self.words.push_str(word);
        self.operands.extend_from_slice(of);
        self.table.insert_unique(hash, entry, |e| e.hash);
        vn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_computations_share_a_number() {
        let mut n = Numbering::default();
        let a = n.of(Tag::Text("a"), &[]);
        let b = n.of(Tag::Category("a"), &[]);
        let f = n.of(Tag::Op("f"), &[a, b]);
        assert_ne!(a, b, "a text is no category");
        assert_eq!(n.of(Tag::Op("f"), &[a, b]), f);
        assert_ne!(n.of(Tag::Op("f"), &[b, a]), f, "operands are in order");
        assert_ne!(n.of(Tag::Call("f"), &[a, b]), f, "a function may be called as an operator is");
        assert_ne!(n.of(Tag::Op("f"), &[a]), f);
        assert_ne!(n.fresh(), n.fresh());
        let many: Vec<Vn> = (0..1000).map(|i| n.of(Tag::Int(i), &[])).collect();
        assert!((0..1000).all(|i| n.of(Tag::Int(i as i64), &[]) == many[i]));
    }
}
