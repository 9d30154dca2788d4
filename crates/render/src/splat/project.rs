//! Points to splats in a tile, many at a time.

use super::cover::COVERED;
use super::fill::Dot;
use super::tile::{ABOVE, BESIDE, LANES, STRIDE, Site};
use super::{Projector, SIDE};
use crate::facing::Facing;
use crate::simd::{bits, floor, max, min};

/// Projected points of a run of [`LANES`].
pub(super) struct Lanes {
    pub(super) u: [f32; LANES],
    pub(super) v: [f32; LANES],
    pub(super) depth: [f32; LANES],
    pub(super) least: [f32; LANES],
    /// First and last column and row.
    pub(super) x: [[i32; LANES]; 2],
    pub(super) y: [[i32; LANES]; 2],
    /// Where in [`Cover::near`] a small splat begins, and how far from there its last pair of columns and of rows
    /// lie.
    pub(super) at: [i32; LANES],
    pub(super) right: [i32; LANES],
    pub(super) below: [i32; LANES],
    /// Which of them touch the tile.
    pub(super) inside: u16,
}

impl Lanes {
    #[inline(always)]
    pub(super) fn project<P: Projector>(
        tile: &Site<'_, P>,
        start: usize,
        grow: f32,
        facing: &Facing,
    ) -> Lanes {
        let cloud = tile.cloud;
        let mut out = Lanes {
            u: [0.0; LANES],
            v: [0.0; LANES],
            depth: [0.0; LANES],
            least: [0.0; LANES],
            x: [[0; LANES]; 2],
            y: [[0; LANES]; 2],
            at: [0; LANES],
            right: [0; LANES],
            below: [0; LANES],
            inside: 0,
        };
        let column = |c: &[f32]| -> [f32; LANES] {
            c.get(start..start + LANES).and_then(|c| c.try_into().ok()).unwrap_or([f32::NAN; LANES])
        };
        let (px, py, pz) = (column(&cloud.x), column(&cloud.y), column(&cloud.z));
        let radius = column(&cloud.radius);
        let corner = (tile.left as f32, tile.top as f32);
        let last = (tile.size.0 as i32 - 1, tile.size.1 as i32 - 1);
        let mut inside = [0u8; LANES];
        for i in 0..LANES {
            let (u, v, depth, scale) = tile.projector.project(px[i], py[i], pz[i]);
            let r = radius[i] * grow;
            let side = SIDE * r * scale;
            let half = |share: f32| 0.5 * min(max(side * share, 1.0), tile.largest);
            let (across, down) = (half(facing.across), half(facing.down));
            let (u, v) = (u - corner.0, v - corner.1);
            // Pixels whose centres lie in (u - half, u + half]; what is far outside stays outside.
            let cut = |x: f32| floor(min(max(x - 0.5, -1000.0), 1000.0));
            let (x0, x1) = (cut(u - across) + 1, cut(u + across));
            let (y0, y1) = (cut(v - down) + 1, cut(v + down));
            out.u[i] = u;
            out.v[i] = v;
            out.depth[i] = depth;
            out.least[i] = max(depth - facing.slack * r, 0.0);
            (out.x[0][i], out.x[1][i]) = (x0, x1);
            (out.y[0][i], out.y[1][i]) = (y0, y1);
            let (across, down) = (x1 - x0, y1 - y0);
            let small = (across < 4) & (down < 4);
            // Of what is not small the cell past all others is looked at, where nothing is hidden.
            let at = (y0 + ABOVE as i32) * STRIDE as i32 + x0 + BESIDE as i32;
            out.at[i] = if small { at } else { COVERED as i32 - 1 };
            out.right[i] = if small & (across > 1) { across - 1 } else { 0 };
            out.below[i] = if small & (down > 1) { (down - 1) * STRIDE as i32 } else { 0 };
            // Of what is no number nothing compares, so it is left out.
            let ahead = depth > 0.0;
            let touches = (x1 >= 0) & (x0 <= last.0) & (y1 >= 0) & (y0 <= last.1);
            inside[i] = u8::from(ahead & touches);
        }
        let (lower, upper) = inside.split_at(8);
        let byte = |b: &[u8]| b.try_into().map_or(0, |b| bits(&b));
        out.inside = u16::from(byte(lower)) | u16::from(byte(upper)) << 8;
        out
    }

    #[inline(always)]
    pub(super) fn dot(&self, i: usize, start: usize) -> Dot {
        let (x, y) = ((self.x[0][i], self.x[1][i]), (self.y[0][i], self.y[1][i]));
        Dot {
            u: self.u[i],
            v: self.v[i],
            depth: self.depth[i],
            least: self.least[i],
            index: (start + i) as u32,
            x: x.0 as i16,
            y: y.0 as i16,
            across: (x.1 - x.0) as u16,
            down: (y.1 - y.0) as u16,
        }
    }
}
