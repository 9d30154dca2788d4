//! A depth frame prepared for alignment: points, normals and grey values at three sizes.

use reasmory_geom::{Pinhole, Vec3};

use crate::grey::Grey;

/// A level of a frame. Points and normals are in camera axes; a point of depth 0 is none, a normal of
/// length 0 too.
pub(super) struct Level {
    pub(super) lens: Pinhole,
    pub(super) points: Vec<[f32; 3]>,
    pub(super) normals: Vec<[f32; 3]>,
    pub(super) grey: Option<Grey>,
}

impl Level {
    /// Pixels with depth and normal.
    pub(super) fn valid(&self) -> usize {
        self.normals.iter().filter(|n| **n != [0.0; 3]).count()
    }

    /// Depth at whole pixel coordinates, 0 where there is none.
    #[cfg(test)]
    pub(super) fn depth(&self, x: usize, y: usize) -> f32 {
        self.points[y * self.lens.width as usize + x][2]
    }
}

/// A frame at up to three sizes, finest first.
pub(super) struct Pyramid {
    pub(super) levels: Vec<Level>,
}

/// Standard deviation of depth at a distance, metres: that of a structured-light camera (Nguyen et al.
/// 2012); what is exact gains nothing from more.
pub(super) fn sigma(z: f64) -> f64 {
    0.0012 + 0.0019 * (z - 0.4) * (z - 0.4)
}

/// Depth at half the size: means of the 2 × 2 pixels that lie on the surface of the nearest of them.
fn half(width: usize, depth: &[f32]) -> (usize, Vec<f32>) {
    let (w, h) = (width / 2, depth.len() / width.max(1) / 2);
    let mut out = Vec::with_capacity(w * h);
    for y in 0..h {
        for x in 0..w {
            let at = |dx: usize, dy: usize| depth[(2 * y + dy) * width + 2 * x + dx];
            let four = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
            let least = four.iter().filter(|d| **d > 0.0).fold(f32::INFINITY, |a, d| a.min(*d));
            let reach = least + (4.0 * sigma(f64::from(least))) as f32;
            let (mut sum, mut n) = (0.0, 0.0);
            for d in four {
                if d > 0.0 && d <= reach {
                    sum += d;
                    n += 1.0;
                }
            }
            out.push(if n > 0.0 { sum / n } else { 0.0 });
        }
    }
    (w, out)
}

/// Smooths depth over 5 × 5 pixels of the same surface; normals of raw depth are noise.
fn smooth(w: usize, depth: &[f32]) -> Vec<f32> {
    let h = depth.len() / w.max(1);
    let mut out = depth.to_vec();
    for y in 2..h.saturating_sub(2) {
        for x in 2..w.saturating_sub(2) {
            let z = depth[y * w + x];
            if z <= 0.0 {
                continue;
            }
            let reach = (3.0 * sigma(f64::from(z))) as f32;
            let (mut sum, mut weight) = (0.0, 0.0);
            for dy in 0..5usize {
                let row = &depth[(y + dy - 2) * w + x - 2..][..5];
                for (dx, d) in row.iter().enumerate() {
                    // The opposite pixel must be on the surface too: else a slanted one is pulled to a side.
                    let o = depth[(y + 2 - dy) * w + x + 2 - dx];
                    if *d > 0.0 && o > 0.0 && (d + o - 2.0 * z).abs() <= reach {
                        let k =
                            1.0 / (1.0 + ((dx as f32 - 2.0).powi(2) + (dy as f32 - 2.0).powi(2)));
                        sum += k * d;
                        weight += k;
                    }
                }
            }
            if weight > 0.0 {
                out[y * w + x] = sum / weight;
            }
        }
    }
    out
}

fn level(lens: Pinhole, depth: &[f32], grey: Option<Grey>) -> Level {
    let (w, h) = (lens.width as usize, lens.height as usize);
    let smoothed = smooth(w, depth);
    let mut points = Vec::with_capacity(w * h);
    for (i, z) in smoothed.iter().enumerate() {
        let ray = lens.ray((i % w) as f64 + 0.5, (i / w) as f64 + 0.5) * f64::from(*z);
        points.push([ray.x as f32, ray.y as f32, ray.z as f32]);
    }
    let mut normals = vec![[0.0f32; 3]; w * h];
    let p = |i: usize| Vec3::new(points[i][0].into(), points[i][1].into(), points[i][2].into());
    for y in 1..h.saturating_sub(1) {
        for x in 1..w.saturating_sub(1) {
            let i = y * w + x;
            let around = [i - 1, i + 1, i - w, i + w];
            let z = points[i][2];
            if z <= 0.0 || around.iter().any(|j| points[*j][2] <= 0.0) {
                continue;
            }
            // A jump of depth has no normal. Opposite neighbours are compared, so that slant is none.
            let bend =
                |a: usize, b: usize| (1.0 / points[a][2] + 1.0 / points[b][2] - 2.0 / z).abs() * z;
            if bend(i - 1, i + 1) > 0.04 || bend(i - w, i + w) > 0.04 {
                continue;
            }
            let n = (p(i + 1) - p(i - 1)).cross(&(p(i + w) - p(i - w)));
            let Some(n) = n.try_normalize(1e-12) else { continue };
            let n = if n.dot(&p(i)) > 0.0 { -n } else { n };
            // Grazing surfaces are noise.
            if -n.dot(&p(i).normalize()) < 0.1 {
                continue;
            }
            normals[i] = [n.x as f32, n.y as f32, n.z as f32];
        }
    }
    Level { lens, points, normals, grey }
}

impl Pyramid {
    /// The frame at its size halved `halvings` times and at two smaller sizes.
    pub(super) fn new(
        lens: &Pinhole,
        depth: &[f32],
        grey: Option<&Grey>,
        halvings: u32,
        far: f64,
    ) -> Pyramid {
        let usable =
            |d: &f32| if d.is_finite() && *d > 0.0 && f64::from(*d) <= far { *d } else { 0.0 };
        let mut depth: Vec<f32> = depth.iter().map(usable).collect();
        let mut grey = grey.cloned();
        let mut lens = *lens;
        let mut levels = Vec::new();
        for k in 0..halvings + 3 {
            if k > 0 {
                if lens.width < 40 || lens.height < 30 {
                    break;
                }
                let (w, d) = half(lens.width as usize, &depth);
                grey = grey.and_then(|g| g.half());
                lens = Pinhole {
                    width: w as u32,
                    height: (d.len() / w) as u32,
                    fx: 0.5 * lens.fx,
                    fy: 0.5 * lens.fy,
                    cx: 0.5 * lens.cx,
                    cy: 0.5 * lens.cy,
                };
                depth = d;
            }
            if k >= halvings {
                levels.push(level(lens, &depth, grey.clone()));
            }
        }
        Pyramid { levels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slanted_wall_has_one_normal_at_every_size() {
        let lens = Pinhole::from_fov(160, 120, 60.0);
        // The plane n·p = -2 with n towards the camera.
        let n = Vec3::new(0.5, 0.1, -1.0).normalize();
        let depth: Vec<f32> = (0..160 * 120)
            .map(|i| {
                let r = lens.ray(f64::from(i % 160) + 0.5, f64::from(i / 160) + 0.5);
                (-2.0 / n.dot(&r)) as f32
            })
            .collect();
        let p = Pyramid::new(&lens, &depth, None, 0, 10.0);
        assert_eq!(p.levels.len(), 3);
        for l in &p.levels {
            assert!(l.valid() as f64 > 0.8 * l.points.len() as f64, "{}", l.valid());
            for m in l.normals.iter().filter(|m| **m != [0.0; 3]) {
                let dot = f64::from(m[0]) * n.x + f64::from(m[1]) * n.y + f64::from(m[2]) * n.z;
                assert!(dot > 0.999, "{m:?}");
            }
        }
    }

    #[test]
    fn nothing_is_measured_across_a_jump_or_beyond_the_reach() {
        let lens = Pinhole::from_fov(64, 48, 60.0);
        let depth: Vec<f32> = (0..64 * 48).map(|i| if i % 64 < 32 { 1.0 } else { 2.0 }).collect();
        let p = Pyramid::new(&lens, &depth, None, 0, 10.0);
        let l = &p.levels[0];
        assert_eq!(l.normals[20 * 64 + 31], [0.0; 3]);
        assert_eq!(l.normals[20 * 64 + 32], [0.0; 3]);
        assert!(l.normals[20 * 64 + 20] != [0.0; 3]);
        assert_eq!(l.depth(31, 20), 1.0);
        let near = Pyramid::new(&lens, &depth, None, 0, 1.5);
        assert_eq!(near.levels[0].depth(40, 20), 0.0);
        let broken = vec![f32::NAN; 64 * 48];
        assert_eq!(Pyramid::new(&lens, &broken, None, 0, 9.0).levels[0].valid(), 0);
    }
}
