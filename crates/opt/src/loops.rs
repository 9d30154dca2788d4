//! Natural loops.

use std::collections::BTreeSet;

use reasmory_ir::{Function, Graph, TermKind};

/// A loop: the blocks from which its header can be reached without leaving those it dominates.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    /// Where every turn begins.
    pub(crate) header: usize,
    /// All blocks, the header included.
    pub(crate) blocks: BTreeSet<usize>,
    /// Blocks that go back to the header.
    pub(crate) latches: Vec<usize>,
    /// The one block before the loop, which goes nowhere else.
    pub(crate) preheader: Option<usize>,
}

/// The loops of a function, inner ones before outer ones.
pub(crate) fn find(f: &Function, graph: &Graph) -> Vec<Loop> {
    let mut loops: Vec<Loop> = Vec::new();
    for &header in graph.order() {
        let mut latches: Vec<usize> = graph
            .predecessors(header)
            .iter()
            .copied()
            .filter(|p| graph.dominates(header, *p))
            .collect();
        latches.dedup();
        if latches.is_empty() {
            continue;
        }
        let mut blocks = BTreeSet::from([header]);
        let mut work = latches.clone();
        while let Some(b) = work.pop() {
            if blocks.insert(b) {
                work.extend(graph.predecessors(b));
            }
        }
        let mut outside = graph.predecessors(header).iter().filter(|p| !blocks.contains(p));
        let preheader = match (outside.next(), outside.next()) {
            (Some(p), None) if matches!(f.blocks[*p].term.kind, TermKind::Jump(_)) => Some(*p),
            _ => None,
        };
        loops.push(Loop { header, blocks, latches, preheader });
    }
    loops.sort_by_key(|l| (l.blocks.len(), l.header));
    loops
}
