//! What the operations of a memory are prepared with: the trees and columns of its instances.

use std::sync::OnceLock;

use reasmory_scene::Memory;
use reasmory_scene::index::Tree;

use crate::Columns;

/// Instances with fewer points than this are measured by their boxes: a handful of points says little
/// about where a surface ends.
pub const LEAST_POINTS: usize = 8;

/// The trees of a memory's instances (the stored ones, where they are) and their columns, each made on first use.
/// Share one between the runs over a memory.
#[derive(Debug)]
pub struct Index {
    trees: Vec<OnceLock<Option<Tree>>>,
    columns: OnceLock<Columns>,
}

impl Index {
    /// An index of a memory, still empty.
    pub fn new(memory: &Memory) -> Index {
        let trees = memory.manifest().instances.iter().map(|_| OnceLock::new()).collect();
        Index { trees, columns: OnceLock::new() }
    }

    /// The numbers of the instances of that memory.
    pub fn columns(&self, memory: &Memory) -> &Columns {
        self.columns.get_or_init(|| Columns::new(memory.manifest()))
    }

    /// The tree of an instance of that memory; `None` where it has too few points to be measured by them.
    pub fn tree(&self, memory: &Memory, id: u32) -> Option<&Tree> {
        let cell = self.trees.get((id as usize).checked_sub(1)?)?;
        cell.get_or_init(|| {
            let enough = memory.instance_rows(id).len() >= LEAST_POINTS;
            if enough { memory.instance_tree(id) } else { None }
        })
        .as_ref()
    }
}
