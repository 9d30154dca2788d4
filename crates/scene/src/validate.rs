//! What must hold of a manifest before anything relies on it.

use std::fmt;

use crate::{Manifest, SCHEMA};

/// A manifest that contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// Where in the manifest, as a JSON path (`instances[3].id`).
    pub at: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

impl std::error::Error for ManifestError {}

fn fail(at: impl Into<String>, what: impl Into<String>) -> ManifestError {
    ManifestError { at: at.into(), what: what.into() }
}

impl Manifest {
    /// Checks everything the accessors rely on: version, id order, category index, photo order, finite
    /// numbers, references.
    pub fn validate(&self) -> Result<(), ManifestError> {
        if self.schema != SCHEMA {
            return Err(fail(
                "schema",
                format!("version {} is not {SCHEMA}, the one this program reads", self.schema),
            ));
        }
        if !(self.uncertainty.position >= 0.0 && self.uncertainty.position.is_finite()) {
            return Err(fail("uncertainty.position", "must be a finite number ≥ 0"));
        }
        for (i, inst) in self.instances.iter().enumerate() {
            let at = |field: &str| format!("instances[{i}].{field}");
            if inst.id as usize != i + 1 {
                return Err(fail(at("id"), format!("is {}, expected {}", inst.id, i + 1)));
            }
            if !(0.0..=1.0).contains(&inst.confidence) {
                return Err(fail(at("confidence"), "must be in [0, 1]"));
            }
            if inst.category.trim().is_empty() {
                return Err(fail(at("category"), "is empty"));
            }
            if let Some(f) = inst.front
                && !(f.iter().all(|x| x.is_finite()) && f[0].hypot(f[1]) > 1e-6)
            {
                return Err(fail(at("front"), "must be a horizontal direction"));
            }
            let listed = self
                .category(&inst.category)
                .is_some_and(|c| c.instances.binary_search(&inst.id).is_ok());
            if !listed {
                return Err(fail(
                    at("category"),
                    format!("`{}` is not listed under `categories`", inst.category),
                ));
            }
            for n in &inst.seen_in {
                if self.photo(*n).is_none() {
                    return Err(fail(at("seen_in"), format!("there is no photo {n}")));
                }
            }
        }
        let listed: usize = self.categories.iter().map(|c| c.instances.len()).sum();
        if listed != self.instances.len() {
            return Err(fail(
                "categories",
                format!("list {listed} instances, but there are {}", self.instances.len()),
            ));
        }
        for (i, c) in self.categories.windows(2).enumerate() {
            if c[0].name >= c[1].name {
                return Err(fail(format!("categories[{}].name", i + 1), "are not sorted by name"));
            }
        }
        for (i, c) in self.categories.iter().enumerate() {
            if c.instances.windows(2).any(|w| w[0] >= w[1]) {
                return Err(fail(format!("categories[{i}].instances"), "are not ascending"));
            }
        }
        for (i, p) in self.photos.iter().enumerate() {
            let at = |field: &str| format!("photos[{i}].{field}");
            if p.number as usize != i + 1 {
                return Err(fail(at("number"), format!("is {}, expected {}", p.number, i + 1)));
            }
            if !p.pinhole.is_valid() {
                return Err(fail(at("pinhole"), "needs a positive size and focal length"));
            }
            if p.time.is_some_and(|t| !t.is_finite()) {
                return Err(fail(at("time"), "is not finite"));
            }
        }
        for (i, g) in self.grounding.iter().enumerate() {
            let at = |field: &str| format!("grounding[{i}].{field}");
            let ascends = i == 0 || self.grounding[i - 1].id < g.id;
            if self.instance(g.id).is_none() || !ascends {
                return Err(fail(at("id"), "must be ids of instances, ascending"));
            }
            if g.covariance.iter().flatten().any(|x| !x.is_finite()) {
                return Err(fail(at("covariance"), "is not finite"));
            }
            if g.masks.iter().any(|m| self.photo(m[0]).is_none()) {
                return Err(fail(at("masks"), "name a photo that does not exist"));
            }
        }
        if let Some(b) = &self.bounds
            && (0..3).any(|i| !(b.min[i] <= b.max[i] && (b.max[i] - b.min[i]).is_finite()))
        {
            return Err(fail("bounds", "must be finite, with min ≤ max"));
        }
        if let Some(r) = &self.room {
            let finite = r.floor.is_finite()
                && r.outline.iter().flatten().all(|x| x.is_finite())
                && r.ceiling.is_none_or(|c| c.is_finite() && c > r.floor)
                && r.stated_area.is_none_or(|a| a.is_finite() && a > 0.0);
            if !finite {
                return Err(fail(
                    "room",
                    "needs finite numbers, a ceiling above the floor, a positive area",
                ));
            }
        }
        if self.layout.as_ref().is_some_and(|l| !l.is_valid()) {
            return Err(fail(
                "layout",
                "needs finite numbers, parts in [0, 1] and outlines with an area",
            ));
        }
        Ok(())
    }
}
