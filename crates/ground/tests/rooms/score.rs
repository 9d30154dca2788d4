//! Scoring against the exact room.

use std::collections::BTreeMap;

use reasmory_geom::Obb;
use reasmory_ground::upright_iou;

use crate::capture::Capture;

/// A thing that a method found.
pub struct Prediction {
    pub label: String,
    /// Its box, where the method makes boxes.
    pub obb: Option<Obb>,
}

/// Sums over rooms.
#[derive(Default)]
pub struct Score {
    right: usize,
    predicted: usize,
    true_: usize,
    matched: usize,
    /// Box overlaps of pieces of which at least 60 % of the surface is seen; 0 for those not found.
    pub ious: Vec<f64>,
    /// Categories with a wrong count: room, name, predicted, true.
    pub wrong: Vec<(u64, String, usize, usize)>,
    by_category: BTreeMap<String, Vec<f64>>,
}

/// Extents under 5 cm made 5 cm.
pub fn padded(mut b: Obb) -> Obb {
    for k in 0..3 {
        b.half[k] = b.half[k].max(0.025);
    }
    b
}

impl Score {
    pub fn add(&mut self, c: &Capture, found: &[Prediction]) {
        let shown = c.shown();
        let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        for p in found {
            counts.entry(&p.label).or_default()[0] += 1;
        }
        for id in &shown {
            counts.entry(c.room.piece(*id).expect("a piece").category).or_default()[1] += 1;
        }
        for (name, [p, t]) in &counts {
            self.right += p.min(t);
            self.predicted += p;
            self.true_ += t;
            if p != t {
                self.wrong.push((c.room.seed, (*name).to_owned(), *p, *t));
            }
        }
        // Pairs by overlap, greatest first, whatever the label.
        let mut pairs: Vec<(f64, usize, u32)> = Vec::new();
        for (i, p) in found.iter().enumerate() {
            for id in &shown {
                let truth = c.room.piece(*id).expect("a piece").obb;
                let iou = p.obb.map_or(0.0, |b| upright_iou(&padded(b), &padded(truth)));
                if iou > 0.0 {
                    pairs.push((iou, i, *id));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut used, mut best) = (vec![false; found.len()], BTreeMap::new());
        for (iou, i, id) in pairs {
            if !used[i] && !best.contains_key(&id) {
                used[i] = true;
                best.insert(id, iou);
                self.matched += usize::from(iou >= 0.25);
            }
        }
        for id in shown {
            if c.surface_seen(id) >= 0.6 {
                let iou = best.get(&id).copied().unwrap_or(0.0);
                self.ious.push(iou);
                let name = c.room.piece(id).expect("a piece").category;
                self.by_category.entry(name.to_owned()).or_default().push(iou);
            }
        }
    }

    /// F1 of counts: what a category is counted too often or too seldom is wrong.
    pub fn count_f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.predicted + self.true_).max(1) as f64
    }

    /// F1 of things with a box that overlaps the true one by a quarter or more.
    pub fn found_f1(&self) -> f64 {
        2.0 * self.matched as f64 / (self.predicted + self.true_).max(1) as f64
    }

    pub fn median_iou(&self) -> Option<f64> {
        let mut v = self.ious.clone();
        v.sort_by(f64::total_cmp);
        v.get(v.len() / 2).copied().filter(|m| *m > 0.0)
    }

    /// What is counted wrong most often, and which boxes fit worst.
    pub fn worst(&self) -> Vec<String> {
        let mut out: Vec<String> =
            self.wrong.iter().take(30).map(|(r, n, p, t)| format!("{r} {n} {p}/{t}")).collect();
        for (name, v) in &self.by_category {
            let mut v = v.clone();
            v.sort_by(f64::total_cmp);
            out.push(format!("{name} {:.2} ({})", v[v.len() / 2], v.len()));
        }
        out
    }
}
