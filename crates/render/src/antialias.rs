//! A picture at half its size, each pixel the mean of four.

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::EgoRender;
use crate::color::{Rgb, unknown};
use crate::tally;

/// Steps of linear light.
const STEPS: usize = 4096;

/// Linear light of each sRGB byte (IEC 61966-2-1), and the byte nearest to each step of linear light.
pub(crate) struct Light {
    of: [f32; 256],
    byte: Vec<u8>,
}

pub(crate) fn light() -> &'static Light {
    static LIGHT: OnceLock<Light> = OnceLock::new();
    LIGHT.get_or_init(|| {
        let linear = |s: f64| {
            if s <= 0.04045 {
                s / 12.92
            } else {
                reasmory_geom::math::pow((s + 0.055) / 1.055, 2.4)
            }
        };
        let of: [f32; 256] = std::array::from_fn(|i| linear(i as f64 / 255.0) as f32);
        let mut next = 0;
        let byte = (0..=STEPS)
            .map(|k| {
                // The border between two bytes lies in the middle of their sRGB values.
                let at = k as f64 / STEPS as f64;
                while next < 255 && linear((f64::from(next) + 0.5) / 255.0) < at {
                    next += 1;
                }
                next as u8
            })
            .collect();
        Light { of, byte }
    })
}

/// The mean of four colours in linear light; of four that are equal, that colour.
fn mean(four: [Rgb; 4]) -> Rgb {
    mean_light(light(), four)
}

/// [`mean`] by a table that is there.
#[inline(always)]
pub(crate) fn mean_light(light: &Light, four: [Rgb; 4]) -> Rgb {
    if four.iter().all(|c| *c == four[0]) {
        return four[0];
    }
    std::array::from_fn(|i| {
        let sum: f32 = four.iter().map(|c| light.of[usize::from(c[i])]).sum();
        let step = (sum * (0.25 * STEPS as f32) + 0.5) as usize;
        light.byte[step.min(STEPS)]
    })
}

/// Makes `out` of a picture of twice its width and height. Of the four pixels under one, the second nearest
/// gives its depth and instance, so that an edge is where half of a pixel is covered.
pub(crate) fn halve(whole: &EgoRender, out: &mut EgoRender) {
    let stride = whole.image.width as usize;
    let (w, h) = (stride / 2, whole.image.height as usize / 2);
    (out.image.width, out.image.height) = (w as u32, h as u32);
    out.image.pixels.resize(w * h, [0; 3]);
    out.depth.resize(w * h, f32::INFINITY);
    out.instance.resize(w * h, 0);
    // The same of the four gives these.
    let second = |x: usize, y: usize| {
        let at = 2 * y * stride + 2 * x;
        let mut order = [at, at + 1, at + stride, at + stride + 1];
        order.sort_by(|a, b| whole.depth[*a].total_cmp(&whole.depth[*b]).then(a.cmp(b)));
        order[1]
    };
    out.normal.clear();
    out.confidence.clear();
    let cells = || (0..h).flat_map(|y| (0..w).map(move |x| (x, y)));
    if !whole.normal.is_empty() {
        out.normal.extend(cells().map(|(x, y)| whole.normal[second(x, y)]));
    }
    if !whole.confidence.is_empty() {
        out.confidence.extend(cells().map(|(x, y)| whole.confidence[second(x, y)]));
    }
    let rows = out.image.pixels.par_chunks_mut(w).zip(out.depth.par_chunks_mut(w));
    let rows = rows.zip(out.instance.par_chunks_mut(w)).enumerate().with_min_len(16);
    rows.for_each(|(y, ((pixels, depth), instance))| {
        for x in 0..w {
            let at = 2 * y * stride + 2 * x;
            let four = [at, at + 1, at + stride, at + stride + 1];
            let known = four.iter().any(|k| whole.depth[*k].is_finite());
            pixels[x] = match known {
                true => mean(four.map(|k| whole.image.pixels[k])),
                // The hatching keeps its size.
                false => unknown(x, y),
            };
            let at = second(x, y);
            (depth[x], instance[x]) = (whole.depth[at], whole.instance[at]);
        }
    });
    tally::of_mask(&out.instance, w, &mut out.visible);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{memory_of, plane};
    use crate::{Antialias, Cloud, EgoOptions, ego};
    use reasmory_geom::{Lens, Point3, View};

    #[test]
    fn light_is_averaged_and_plain_colours_are_kept() {
        assert_eq!(mean([[1, 2, 3]; 4]), [1, 2, 3]);
        // Half the light of white is sRGB 188.
        let half = mean([[0; 3], [255; 3], [0; 3], [255; 3]]);
        assert!(half[0].abs_diff(188) <= 1, "{half:?}");
        for c in 0..=255u8 {
            let near = c.saturating_add(1);
            let m = mean([[c; 3], [c; 3], [near; 3], [c; 3]]);
            assert!(m[0] == c || m[0] == near, "{c} {m:?}");
        }
    }

    /// The border of a wall, tilted a little: without, every pixel is one or the other; with, the border's
    /// place is told to a quarter of a pixel, and half the error is left.
    #[test]
    fn edges_are_smooth_and_surfaces_are_not_changed() {
        let mut points = plane(260, 260, 0.01, 2.0, [255; 3]);
        points.retain(|(p, _, _)| p[0] < 0.13 * p[2]);
        points.extend(plane(300, 300, 0.02, 4.0, [0; 3]));
        let memory = memory_of(points, vec![]);
        let cloud = Cloud::new(&memory);
        let view = View { lens: Lens::Fov(40.0), ..View::level(Point3::origin(), 90.0) };
        let error = |antialias: Antialias| {
            let options =
                EgoOptions { width: 200, height: 200, antialias, ..EgoOptions::default() };
            let out = ego(&memory, &cloud, &view, &options).unwrap();
            assert_eq!(out.coverage, 1.0);
            let mixed = out.image.pixels.iter().filter(|p| p[0] != 0 && p[0] != 255).count();
            assert_eq!(mixed > 0, antialias != Antialias::Off);
            assert!(mixed < 800, "{mixed}");
            let light = light();
            let rows = out.image.pixels.chunks(200).enumerate().map(|(y, row)| {
                let up = (100.0 - (y as f32 + 0.5)) / view.pinhole(200, 200).fy as f32;
                let want = 100.0 + 0.13 * up * view.pinhole(200, 200).fx as f32;
                let white: f32 = row.iter().map(|p| light.of[usize::from(p[0])]).sum();
                white - want
            });
            // Of a constant offset (half a splat) splats are to blame, not edges.
            let all: Vec<f32> = rows.collect();
            let middle = all.iter().sum::<f32>() / 200.0;
            all.iter().map(|e| (e - middle) * (e - middle)).sum::<f32>() / 200.0
        };
        let [without, edges, full] = [Antialias::Off, Antialias::Edges, Antialias::Full].map(error);
        assert!(full < without, "{full} {without}");
        assert!(edges < without, "{edges} {without}");
    }

    #[test]
    fn odd_and_largest_sizes() {
        let memory = memory_of(plane(40, 40, 0.05, 2.0, [9; 3]), vec![]);
        let cloud = Cloud::new(&memory);
        let view = View::level(Point3::origin(), 90.0);
        for (width, height) in [(1, 1), (7, 3), (crate::MAX_SIDE, 2)] {
            let options =
                EgoOptions { width, height, antialias: Antialias::Full, ..EgoOptions::default() };
            let out = ego(&memory, &cloud, &view, &options).unwrap();
            assert_eq!(out.image.pixels.len(), (width * height) as usize);
            assert_eq!((out.image.width, out.depth.len()), (width, (width * height) as usize));
        }
    }
}
