//! Placing labels: never one over another, none lost.

use reasmory_scene::Rgb8;

use crate::canvas::{Rect, blank, blend, disc, fill_rect, frame_rect, line, paste};
use crate::color::{INK, PAPER, Rgb};
use crate::text::{draw_text, fit, text_height, text_width};

/// Something that wants a label.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) text: String,
    /// What is labelled, pixels.
    pub(crate) anchor: (f64, f64),
    /// Radius around the anchor that the label should leave free; negative: the label may lie on it.
    pub(crate) clear: f64,
    pub(crate) color: Rgb,
}

/// A label in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedLabel {
    /// What it says in full.
    pub text: String,
    /// The number that stands for it in the legend, where the text itself found no place.
    pub number: Option<u32>,
    /// Where it stands; `None` when even its number found no place, or what it labels is outside the
    /// picture: then only the legend has it.
    pub rect: Option<Rect>,
}

/// An entry of a legend.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendEntry {
    /// The number in the picture, where there is one.
    pub number: Option<u32>,
    /// What it stands for.
    pub text: String,
}

pub(crate) const PAD: i32 = 3;

/// Size of the plate around a text.
fn plate(text: &str, size: f32) -> (i32, i32) {
    let w = text_width(text, size).ceil() as i32 + 2 * PAD;
    (w, text_height(size).ceil() as i32 + 2)
}

/// Directions in which a label is tried, in order: right, left, above, below, then between.
const WAYS: [(f64, f64); 16] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.8, -0.6),
    (-0.8, -0.6),
    (0.8, 0.6),
    (-0.8, 0.6),
    (0.96, -0.28),
    (-0.96, -0.28),
    (0.96, 0.28),
    (-0.96, 0.28),
    (0.28, -0.96),
    (-0.28, -0.96),
    (0.28, 0.96),
    (-0.28, 0.96),
];

/// Chooses a place for each label, in order; `avoid` are places that labels rather leave free.
pub(crate) fn place(
    requests: &[Request],
    area: Rect,
    avoid: &[Rect],
    size: f32,
) -> Vec<PlacedLabel> {
    let mut taken: Vec<Rect> = Vec::new();
    let mut next = 1;
    requests
        .iter()
        .map(|r| {
            let (ax, ay) = (r.anchor.0.floor() as i32, r.anchor.1.floor() as i32);
            if !area.contains(&Rect { x: ax, y: ay, w: 1, h: 1 }) {
                let text = format!("{} (outside the picture)", r.text);
                return PlacedLabel { text, number: None, rect: None };
            }
            let rings = [2.0, 9.0, 20.0, 36.0];
            let whole = plate(&r.text, size);
            if let Some(rect) = find(r, whole, &rings, area, avoid, &taken) {
                taken.push(rect);
                return PlacedLabel { text: r.text.clone(), number: None, rect: Some(rect) };
            }
            let number = next;
            let rings = [-1e9, 2.0, 9.0, 20.0, 36.0, 60.0, 100.0, 150.0];
            let small = plate(&number.to_string(), size);
            let rect = find(r, small, &rings, area, avoid, &taken);
            if let Some(rect) = rect {
                next += 1;
                taken.push(rect);
                return PlacedLabel {
                    text: r.text.clone(),
                    number: Some(number),
                    rect: Some(rect),
                };
            }
            PlacedLabel { text: r.text.clone(), number: None, rect: None }
        })
        .collect()
}

fn find(
    r: &Request,
    (w, h): (i32, i32),
    rings: &[f64],
    area: Rect,
    avoid: &[Rect],
    taken: &[Rect],
) -> Option<Rect> {
    let mut best: Option<(f64, Rect)> = None;
    let mut consider = |cx: f64, cy: f64, penalty: f64| {
        let x = (cx - 0.5 * f64::from(w)).round() as i32;
        let y = (cy - 0.5 * f64::from(h)).round() as i32;
        let rect = Rect { x, y, w, h };
        // One pixel between labels keeps their frames apart.
        let spaced = rect.grown(1);
        if !area.contains(&rect) || taken.iter().any(|t| t.overlaps(&spaced)) {
            return;
        }
        let hidden: i32 = avoid.iter().map(|a| a.shared(&rect)).sum();
        let cost = penalty + 60.0 * f64::from(hidden) / f64::from(w * h);
        if best.as_ref().is_none_or(|b| cost < b.0) {
            best = Some((cost, rect));
        }
    };
    if r.clear < 0.0 || rings[0] < 0.0 {
        consider(r.anchor.0, r.anchor.1, 0.0);
    }
    for &ring in rings.iter().filter(|r| **r >= 0.0) {
        for (k, (dx, dy)) in WAYS.iter().enumerate() {
            let reach = r.clear.max(0.0) + ring;
            // The plate's near side, not its centre, stands at the ring.
            let cx = r.anchor.0 + dx * (reach + 0.5 * f64::from(w));
            let cy = r.anchor.1 + dy * (reach + 0.5 * f64::from(h));
            consider(cx, cy, ring + 0.4 * k as f64);
        }
    }
    best.map(|b| b.1)
}

/// Draws placed labels, with a thread to what they label where that is not near.
pub(crate) fn draw(on: &mut Rgb8, requests: &[Request], placed: &[PlacedLabel], size: f32) {
    // All threads first, so that none crosses a plate.
    for (r, p) in requests.iter().zip(placed) {
        let Some(rect) = p.rect else { continue };
        let to = rect.nearest(r.anchor);
        let gap = (to.0 - r.anchor.0).hypot(to.1 - r.anchor.1);
        if gap > r.clear.max(0.0) + 6.0 {
            line(on, r.anchor, to, 3.0, PAPER, 0.7);
            line(on, r.anchor, to, 1.2, r.color, 1.0);
            disc(on, r.anchor, 2.5, r.color);
        }
    }
    for (r, p) in requests.iter().zip(placed) {
        let Some(rect) = p.rect else { continue };
        let number = p.number.map(|n| n.to_string());
        fill_rect(on, rect, PAPER, 0.88);
        frame_rect(on, rect, r.color);
        let text = number.as_deref().unwrap_or(&p.text);
        draw_text(on, (rect.x + PAD) as f32, (rect.y + 1) as f32, text, size, INK);
    }
}

/// What the labels leave to a legend.
pub(crate) fn leftover(placed: &[PlacedLabel]) -> Vec<LegendEntry> {
    placed
        .iter()
        .filter(|p| p.number.is_some() || p.rect.is_none())
        .map(|p| LegendEntry { number: p.number, text: p.text.clone() })
        .collect()
}

/// The picture with a legend strip at its right, as wide as it needs; the picture itself where there is
/// nothing to list.
pub(crate) fn with_legend(picture: Rgb8, entries: &[LegendEntry], size: f32) -> Rgb8 {
    if entries.is_empty() {
        return picture;
    }
    let row = text_height(size).ceil() as u32 + 3;
    let rows = ((picture.height.saturating_sub(8)) / row).max(1) as usize;
    let lines: Vec<String> = entries
        .iter()
        .map(|e| match e.number {
            Some(n) => fit(&format!("{n}  {}", e.text), size, 260.0),
            None => fit(&format!("–  {}", e.text), size, 260.0),
        })
        .collect();
    let columns: Vec<(&[String], u32)> = lines
        .chunks(rows)
        .map(|c| {
            let widest = c.iter().map(|l| text_width(l, size)).fold(0.0, f32::max);
            (c, widest.ceil() as u32 + 16)
        })
        .collect();
    let extra: u32 = columns.iter().map(|c| c.1).sum();
    let mut out = blank(picture.width + extra, picture.height, PAPER);
    paste(&mut out, &picture, 0, 0);
    for y in 0..picture.height as i32 {
        blend(&mut out, picture.width as i32, y, INK, 1.0);
    }
    let mut x = picture.width + 8;
    for (lines, width) in columns {
        for (i, l) in lines.iter().enumerate() {
            draw_text(&mut out, x as f32, (4 + i as u32 * row) as f32, l, size, INK);
        }
        x += width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AREA: Rect = Rect { x: 0, y: 0, w: 500, h: 400 };

    fn requests() -> impl Strategy<Value = Vec<Request>> {
        let one = (-20.0..520.0f64, -20.0..420.0f64, -5.0..20.0f64, "[a-z]{1,12}( #[0-9]{1,2})?")
            .prop_map(|(x, y, clear, text)| Request {
                text,
                anchor: (x, y),
                clear,
                color: [200, 0, 0],
            });
        prop::collection::vec(one, 0..120)
    }

    proptest! {
        #[test]
        fn labels_never_overlap_and_none_is_lost(requests in requests()) {
            let placed = place(&requests, AREA, &[Rect { x: 100, y: 100, w: 50, h: 50 }], 14.0);
            prop_assert_eq!(placed.len(), requests.len());
            let rects: Vec<Rect> = placed.iter().filter_map(|p| p.rect).collect();
            for (i, a) in rects.iter().enumerate() {
                prop_assert!(AREA.contains(a));
                for b in &rects[i + 1..] {
                    prop_assert!(!a.overlaps(b), "{a:?} {b:?}");
                }
            }
            let legend = leftover(&placed);
            for (r, p) in requests.iter().zip(&placed) {
                let shown = p.rect.is_some() && p.number.is_none();
                let listed = legend.iter().any(|e| e.text == p.text && e.number == p.number);
                prop_assert!(shown || listed);
                prop_assert!(p.text.starts_with(&r.text));
            }
            let numbers: Vec<u32> = legend.iter().filter_map(|e| e.number).collect();
            prop_assert!(numbers.iter().enumerate().all(|(i, n)| *n == i as u32 + 1));
        }
    }

    #[test]
    fn a_lone_label_stands_beside_its_anchor() {
        let r = Request { text: "sofa".into(), anchor: (200.0, 200.0), clear: 5.0, color: [0; 3] };
        let placed = place(std::slice::from_ref(&r), AREA, &[], 14.0);
        let rect = placed[0].rect.unwrap();
        assert!(rect.x >= 205 && rect.x < 210 && rect.y < 200 && rect.y + rect.h > 200);
        let on = Request { clear: -1.0, ..r };
        let rect = place(&[on], AREA, &[], 14.0)[0].rect.unwrap();
        assert!(rect.x < 200 && rect.x + rect.w > 200);
    }

    #[test]
    fn the_legend_lists_everything() {
        let entries: Vec<LegendEntry> =
            (0..90).map(|i| LegendEntry { number: Some(i), text: format!("thing {i}") }).collect();
        let out = with_legend(blank(200, 300, [0; 3]), &entries, 14.0);
        assert!(out.width > 200 && out.height == 300);
        assert_eq!(out.pixels.len(), (out.width * out.height) as usize);
    }
}
