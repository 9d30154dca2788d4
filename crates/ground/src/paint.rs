//! Who owns each pixel of a picture: duplicates made one, nested masks told apart, boxes cut out.

use crate::depth::Depth;
use crate::label::Votes;
use crate::view::Mask;
use crate::{Naming, Region};

/// Masks of one picture with this much in common are one mask found twice.
const SAME: f64 = 0.6;
/// A mask of which less than this part is left by the masks on top of it is explained by them.
const LEFT: f64 = 0.25;

/// Pixels of one picture that one thing (or stuff) owns.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// View, in canonical order.
    pub(crate) view: usize,
    /// Indices of the masks it was made from.
    pub(crate) masks: Vec<usize>,
    pub(crate) votes: Votes,
    pub(crate) score: f64,
    pub(crate) stuff: bool,
    /// Pixels it owns, ascending.
    pub(crate) pixels: Vec<u32>,
}

/// What a picture's masks became.
pub(crate) struct Painted {
    pub(crate) pieces: Vec<Piece>,
    /// For each mask the piece it went into; `None` where other masks explain it.
    pub(crate) of_mask: Vec<Option<usize>>,
}

/// Settles the masks of one view.
pub(crate) fn paint(
    view: usize,
    masks: &[Mask],
    depth: &Depth,
    noise: f64,
    naming: &Naming,
) -> Painted {
    let regions: Vec<Region> = masks
        .iter()
        .map(|m| if m.boxed { cut_out(&m.region, depth, noise) } else { m.region.clone() })
        .collect();
    let areas: Vec<u64> = regions.iter().map(Region::area).collect();
    let labels: Vec<String> = masks.iter().map(|m| naming.of(&m.label)).collect();
    let stuff: Vec<bool> = labels.iter().map(|l| naming.is_stuff(l)).collect();

    // An order of the masks that does not depend on how they were listed.
    let mut order: Vec<usize> = (0..masks.len()).filter(|m| areas[*m] > 0).collect();
    order.sort_by(|&a, &b| {
        masks[b]
            .score
            .total_cmp(&masks[a].score)
            .then_with(|| areas[b].cmp(&areas[a]))
            .then_with(|| regions[a].runs().cmp(regions[b].runs()))
            .then_with(|| labels[a].cmp(&labels[b]))
    });
    // The surest mask of a group of duplicates leads it.
    let mut leads: Vec<(usize, Vec<usize>)> = Vec::new();
    for m in order {
        let twin = leads.iter_mut().find(|(l, _)| {
            let common = regions[*l].common(&regions[m]) as f64;
            stuff[*l] == stuff[m] && common >= SAME * (areas[*l] + areas[m]) as f64 / (1.0 + SAME)
        });
        match twin {
            Some((_, group)) => group.push(m),
            None => leads.push((m, vec![m])),
        }
    }
    // Stuff below things, large below small: what lies on top is the smaller.
    leads.sort_by(|a, b| stuff[b.0].cmp(&stuff[a.0]).then_with(|| areas[b.0].cmp(&areas[a.0])));
    let mut owner = vec![0u32; depth.z.len()];
    for (k, (lead, _)) in leads.iter().enumerate() {
        for p in regions[*lead].pixels() {
            owner[p] = k as u32 + 1;
        }
    }
    let mut pixels: Vec<Vec<u32>> = vec![Vec::new(); leads.len()];
    for (p, o) in owner.iter().enumerate() {
        if let Some(k) = (*o as usize).checked_sub(1) {
            pixels[k].push(p as u32);
        }
    }
    let mut out = Painted { pieces: Vec::new(), of_mask: vec![None; masks.len()] };
    for ((lead, mut group), pixels) in leads.into_iter().zip(pixels) {
        if (pixels.len() as f64) < LEFT * areas[lead] as f64 {
            continue;
        }
        let mut votes = Votes::default();
        let mut score = 0.0f64;
        group.sort_unstable();
        for m in &group {
            out.of_mask[*m] = Some(out.pieces.len());
            votes.add(&Votes::one(&labels[*m], f64::from(masks[*m].score).max(1e-3)));
            score = score.max(f64::from(masks[*m].score));
        }
        out.pieces.push(Piece { view, masks: group, votes, score, stuff: stuff[lead], pixels });
    }
    out
}

/// The thing in a box: of the parts that depth joins, the one with most pixels in the middle of the box.
fn cut_out(region: &Region, depth: &Depth, noise: f64) -> Region {
    let pixels: Vec<usize> = region.pixels().collect();
    let (Some(first), Some(last)) = (pixels.first(), pixels.last()) else { return region.clone() };
    let w = depth.width;
    let (y0, y1) = (first / w, last / w);
    let (x0, x1) = pixels.iter().fold((w, 0), |(a, b), p| (a.min(p % w), b.max(p % w)));
    let middle = |p: usize| {
        let (x, y) = (p % w, p / w);
        4 * x >= 3 * x0 + x1 && 4 * x <= x0 + 3 * x1 && 4 * y >= 3 * y0 + y1 && 4 * y <= y0 + 3 * y1
    };
    let mut part = vec![0u32; depth.z.len()];
    let inside = {
        let mut v = vec![false; depth.z.len()];
        pixels.iter().for_each(|p| v[*p] = true);
        v
    };
    let mut best = (0usize, 0u32);
    let mut next = 0u32;
    for &seed in &pixels {
        if part[seed] > 0 || depth.z[seed] <= 0.0 {
            continue;
        }
        next += 1;
        part[seed] = next;
        let mut stack = vec![seed];
        let mut central = 0;
        while let Some(p) = stack.pop() {
            central += usize::from(middle(p));
            let (x, y) = (p % w, p / w);
            let near = [
                (x > 0).then(|| p - 1),
                (x + 1 < w).then_some(p + 1),
                (y > 0).then(|| p - w),
                (y + 1 < depth.height).then_some(p + w),
            ];
            for q in near.into_iter().flatten() {
                if inside[q] && part[q] == 0 && depth.joined(p, q, noise) {
                    part[q] = next;
                    stack.push(q);
                }
            }
        }
        if central > best.0 {
            best = (central, next);
        }
    }
    if best.1 == 0 {
        return region.clone();
    }
    Region::from_pixels(region.width(), region.height(), |p| part[p] == best.1)
        .unwrap_or_else(|_| region.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(b: [f64; 4], label: &str, score: f32) -> Mask {
        let region = Region::from_box(20, 10, b).unwrap();
        Mask { region, label: label.into(), score, boxed: false }
    }

    fn painted(masks: &[Mask]) -> Painted {
        let z = vec![1.0; 200];
        paint(0, masks, &Depth { width: 20, height: 10, z: &z }, 0.0, &Naming::default())
    }

    #[test]
    fn duplicates_are_one_and_the_smaller_lies_on_top() {
        let masks = [
            mask([0.0, 0.0, 10.0, 10.0], "bed", 0.9),
            mask([0.0, 0.0, 10.0, 9.0], "sofa", 0.5),
            mask([2.0, 2.0, 5.0, 5.0], "pillow", 0.8),
            mask([0.0, 0.0, 20.0, 10.0], "wall", 0.99),
        ];
        let p = painted(&masks);
        assert_eq!(p.pieces.len(), 3);
        assert_eq!(p.of_mask[0], p.of_mask[1]);
        let bed = &p.pieces[p.of_mask[0].unwrap()];
        assert_eq!((bed.pixels.len(), bed.votes.best(), bed.masks.len()), (91, "bed", 2));
        assert_eq!(p.pieces[p.of_mask[2].unwrap()].pixels.len(), 9);
        let wall = &p.pieces[p.of_mask[3].unwrap()];
        assert!(wall.stuff && wall.pixels.len() == 100);
        // The order of the list changes nothing.
        let mut turned = masks.to_vec();
        turned.reverse();
        let q = painted(&turned);
        assert_eq!(q.pieces[q.of_mask[3].unwrap()].pixels, bed.pixels);
    }

    #[test]
    fn a_group_is_explained_by_its_members() {
        let p = painted(&[
            mask([0.0, 0.0, 12.0, 6.0], "chair", 0.9),
            mask([0.0, 0.0, 6.0, 6.0], "chair", 0.6),
            mask([6.0, 0.0, 12.0, 5.0], "chair", 0.6),
        ]);
        assert_eq!((p.pieces.len(), p.of_mask[0]), (2, None));
    }

    #[test]
    fn a_box_holds_what_is_before_its_background() {
        let mut z = vec![3.0f32; 200];
        for y in 3..9 {
            for x in 6..12 {
                z[y * 20 + x] = 1.0;
            }
        }
        let boxed = Mask { boxed: true, ..mask([4.0, 2.0, 14.0, 10.0], "box", 1.0) };
        let d = Depth { width: 20, height: 10, z: &z };
        let p = paint(0, &[boxed], &d, 0.0, &Naming::default());
        assert_eq!(p.pieces[0].pixels.len(), 36);
    }
}
