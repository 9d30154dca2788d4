//! What a check read of a memory, so that one check can serve every memory that reads the same.
//!
//! The checker asks few things of a manifest: whether categories have no, one or several instances, and
//! whether there are photos, points, a room and a scale. A memory that gives the same answers gets the same
//! findings and the same program. Where a check looked closer, this says so.

use std::collections::BTreeMap;

use reasmory_ir::Limits;
use reasmory_scene::Manifest;

use crate::hir::Program;
use crate::lint::{Looked, REACH, has_extent};

/// What is asked of a memory as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    metric: bool,
    photos: usize,
    timed: bool,
    points: bool,
    room: bool,
    instances: usize,
    categories: usize,
    /// Whether positions are uncertain.
    noisy: bool,
    /// The diagonal, where the memory says how far it reaches.
    diagonal: Option<f64>,
}

impl Profile {
    /// The answers of a memory.
    pub fn new(m: &Manifest) -> Profile {
        Profile {
            metric: m.scale.is_metric(),
            photos: m.photos.len(),
            timed: m.photos.iter().any(|p| p.time.is_some()),
            points: m.points > 0,
            room: m.room.is_some(),
            instances: m.instances.len(),
            categories: m.categories.len(),
            noisy: m.uncertainty.position > 0.0,
            diagonal: has_extent(m).then(|| m.diagonal()),
        }
    }

    fn is_like(&self, other: &Profile) -> bool {
        let coarse = |p: &Profile| Profile {
            instances: few(p.instances),
            categories: 0,
            diagonal: None,
            ..*p
        };
        coarse(self) == coarse(other)
    }
}

/// No, one or several.
fn few(n: usize) -> usize {
    n.min(2)
}

/// Instances of a category and the count its source states; `None` where the memory has no such category.
type Known = Option<(usize, Option<u32>)>;

fn known(m: &Manifest, name: &str) -> Known {
    m.category(name).map(|c| (c.instances.len(), c.stated_count))
}

/// Whether a check reads the same of another memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Same,
    /// It does but for what [`crate::close_findings`] finds: where that is the same, all is.
    SameBut,
    /// It may not.
    Differs,
}

/// What a check read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    profile: Option<Profile>,
    categories: BTreeMap<String, Known>,
    exact: bool,
    all: bool,
    /// Whether lints looked closer.
    closer: bool,
    /// The longest literal length that was found to be within reach of the memory.
    length: f64,
    /// The most members of any list for which the program is known to stay under its limits.
    most: usize,
}

impl Reads {
    /// What there is to read: the answers of a memory as a whole.
    pub(crate) fn of(manifest: Option<&Manifest>) -> Reads {
        Reads { profile: manifest.map(Profile::new), ..Reads::default() }
    }

    /// A category was asked for.
    pub(crate) fn category(&mut self, m: &Manifest, name: &str) {
        if !self.categories.contains_key(name) {
            self.categories.insert(name.to_owned(), known(m, name));
        }
    }

    /// The numbers of what was counted matter, not only whether they are none, one or several.
    pub fn need_numbers(&mut self) {
        self.exact = true;
    }

    /// Anything may have been read.
    pub fn need_all(&mut self) {
        self.all = true;
    }

    /// What lints read.
    pub(crate) fn lints(&mut self, looked: Looked) {
        self.closer |= looked.closer;
        self.all |= looked.exhausted;
        self.length = looked.length;
    }

    /// Finds out for which sizes of memories the program, as checked over this one, stays under its limits.
    /// Until then a verdict serves no larger memory than the empty one.
    pub fn sizes(&mut self, typed: &Program, limits: Limits, m: &Manifest) {
        let own = m.instances.len().max(m.photos.len()).max(m.categories.len());
        // As far as twice its size or a hundred, whichever is more; else these numbers alone.
        self.most = (2 * own).max(100);
        if !crate::limits::stays_under(typed, limits, self.most as u64) {
            self.need_numbers();
        }
    }

    /// Whether a check over that memory would read the same. Both must have a manifest or neither.
    pub fn fit(&self, memory: Option<(&Manifest, &Profile)>) -> Fit {
        match (self.fits(memory), self.closer) {
            (false, _) => Fit::Differs,
            (true, false) => Fit::Same,
            (true, true) => Fit::SameBut,
        }
    }

    /// Whether lints looked closer at the memory.
    pub fn looked_closer(&self) -> bool {
        self.closer
    }

    fn fits(&self, memory: Option<(&Manifest, &Profile)>) -> bool {
        let (Some(mine), Some((m, profile))) = (&self.profile, memory) else {
            return self.profile.is_none() && memory.is_none();
        };
        if self.all {
            return false;
        }
        if self.exact {
            return mine == profile && self.categories.iter().all(|(n, k)| known(m, n) == *k);
        }
        let coarse = |k: Known| k.map(|(n, stated)| (few(n), (n == 0).then_some(stated)));
        let within = profile.diagonal.is_none_or(|d| self.length <= REACH * d);
        let size = profile.instances.max(profile.photos).max(profile.categories);
        mine.is_like(profile)
            && (within || !profile.metric)
            && size <= self.most
            && self.categories.iter().all(|(n, k)| coarse(known(m, n)) == coarse(*k))
    }
}
