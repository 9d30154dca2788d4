//! Depth pictures: their noise, smoothing within a mask, normals, flying pixels.

use nalgebra::Matrix3;
use reasmory_geom::{Pinhole, Vec3};

/// Inverse depths of neighbours that differ by more than this part are a jump.
const JUMP: f64 = 0.05;
/// A fit takes in neighbours whose inverse depth differs by less than this part …
const NEAR: f64 = 0.08;
/// … and in its second pass those off the fitted plane by less than this part (plus noise).
const FLAT: f64 = 0.005;
/// Relative noise below which depth is taken as it is.
pub(crate) const QUIET: f64 = 0.002;

/// A depth picture, 0 where there is none.
pub(crate) struct Depth<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) z: &'a [f32],
}

impl Depth<'_> {
    /// Inverse depth at a pixel; 0 where there is none or outside.
    fn inverse(&self, x: i64, y: i64) -> f64 {
        if x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 {
            return 0.0;
        }
        match self.z[y as usize * self.width + x as usize] {
            z if z > 0.0 => 1.0 / f64::from(z),
            _ => 0.0,
        }
    }

    /// Relative standard deviation of the noise from pixel to pixel: second differences of inverse depth
    /// vanish on planes, and have six times the variance of one pixel. 0 without pixels to tell from.
    pub(crate) fn noise(&self) -> f64 {
        let mut seen = Vec::new();
        for y in 0..self.height as i64 {
            for x in (1..self.width as i64 - 1).step_by(3) {
                let (a, b, c) =
                    (self.inverse(x - 1, y), self.inverse(x, y), self.inverse(x + 1, y));
                if a > 0.0 && b > 0.0 && c > 0.0 {
                    seen.push((a + c - 2.0 * b).abs() / b);
                }
            }
        }
        if seen.is_empty() {
            return 0.0;
        }
        let middle = seen.len() / 2;
        // Median absolute deviation to standard deviation of a normal distribution.
        1.4826 * *seen.select_nth_unstable_by(middle, f64::total_cmp).1 / 6f64.sqrt()
    }

    /// Whether a pixel mixes what is before and behind an edge: it lies between its two neighbours, far
    /// from both.
    pub(crate) fn flies(&self, pixel: usize, noise: f64) -> bool {
        let (x, y) = ((pixel % self.width) as i64, (pixel / self.width) as i64);
        let w = self.inverse(x, y);
        let jump = w * (JUMP + 6.0 * noise);
        let between = |a: f64, b: f64| {
            a > 0.0 && b > 0.0 && (w - a) * (b - w) > 0.0 && (w - a).abs().min((b - w).abs()) > jump
        };
        between(self.inverse(x - 1, y), self.inverse(x + 1, y))
            || between(self.inverse(x, y - 1), self.inverse(x, y + 1))
    }

    /// Whether two neighbouring pixels lie on one surface.
    pub(crate) fn joined(&self, a: usize, b: usize, noise: f64) -> bool {
        let at = |p: usize| self.inverse((p % self.width) as i64, (p / self.width) as i64);
        let (a, b) = (at(a), at(b));
        a > 0.0 && b > 0.0 && (a - b).abs() <= a.max(b) * (JUMP + 4.0 * noise)
    }

    /// The plane through a pixel's surroundings of the same owner: inverse depth at the pixel and its
    /// gradient per pixel. On a plane inverse depth is linear in the pixel.
    fn plane(
        &self,
        owner: &[u32],
        pixel: usize,
        reach: i64,
        noise: f64,
    ) -> Option<(f64, f64, f64)> {
        let (x, y) = ((pixel % self.width) as i64, (pixel / self.width) as i64);
        let own = owner[pixel];
        let w = self.inverse(x, y);
        if w <= 0.0 {
            return None;
        }
        let mut fit: Option<Vec3> = None;
        for _ in 0..2 {
            let (mut a, mut b, mut n) = (Matrix3::<f64>::zeros(), Vec3::zeros(), 0);
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    let v = self.inverse(x + dx, y + dy);
                    if v <= 0.0 {
                        continue;
                    }
                    if owner[(y + dy) as usize * self.width + (x + dx) as usize] != own {
                        continue;
                    }
                    let off = match fit {
                        None => (v - w).abs() > w * (NEAR + 4.0 * noise),
                        Some(f) => {
                            let at = f.x + f.y * dx as f64 + f.z * dy as f64;
                            (v - at).abs() > w * (FLAT + 3.0 * noise)
                        }
                    };
                    if off {
                        continue;
                    }
                    let row = Vec3::new(1.0, dx as f64, dy as f64);
                    a += row * row.transpose();
                    b += row * v;
                    n += 1;
                }
            }
            if n < 4 {
                break;
            }
            match a.try_inverse() {
                Some(inverse) => fit = Some(inverse * b),
                None => break,
            }
        }
        fit.filter(|f| f.x > 0.5 * w && f.x < 2.0 * w).map(|f| (f.x, f.y, f.z))
    }

    /// Depth averaged over planes within each owner (as it is where there is little noise), and unit
    /// normals in camera axes towards the camera (zero where no plane was found).
    pub(crate) fn smoothed(
        &self,
        owner: &[u32],
        lens: &Pinhole,
        noise: f64,
    ) -> (Vec<f32>, Vec<[f32; 3]>) {
        let quiet = noise < QUIET;
        let reach = if quiet { 1 } else { (self.width as i64 / 106).clamp(2, 5) };
        let mut out = vec![0.0f32; self.z.len()];
        let mut normals = vec![[0.0f32; 3]; self.z.len()];
        for pixel in 0..self.z.len() {
            let z = self.z[pixel];
            if z <= 0.0 {
                continue;
            }
            out[pixel] = z;
            let Some((w, gx, gy)) = self.plane(owner, pixel, reach, noise) else { continue };
            if !quiet {
                out[pixel] = (1.0 / w) as f32;
            }
            let (x, y) = ((pixel % self.width) as f64 + 0.5, (pixel / self.width) as f64 + 0.5);
            let ray = lens.ray(x, y);
            // 1/z = a·X + b·Y + c over rays (X, Y, 1) is the plane with normal (a, b, c).
            let (a, b) = (gx * lens.fx, gy * lens.fy);
            let normal = -Vec3::new(a, b, w - a * ray.x - b * ray.y);
            if let Some(n) = normal.try_normalize(1e-12) {
                normals[pixel] = [n.x as f32, n.y as f32, n.z as f32];
            }
        }
        (out, normals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_smoothing_and_normals_of_a_slanted_plane() {
        let lens = Pinhole::from_fov(64, 48, 70.0);
        // The plane 0.6 x + 0.8 z = 2 in camera axes.
        let exact = |p: usize| {
            let r = lens.ray((p % 64) as f64 + 0.5, (p / 64) as f64 + 0.5);
            2.0 / (0.6 * r.x + 0.8 * r.z)
        };
        let mut state = 7u64;
        let mut normal = || {
            (0..12).fold(-6.0, |s, _| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                s + (state >> 40) as f64 / (1u64 << 24) as f64
            })
        };
        let z: Vec<f32> =
            (0..64 * 48).map(|p| (exact(p) * (1.0 + 0.01 * normal())) as f32).collect();
        let d = Depth { width: 64, height: 48, z: &z };
        let noise = d.noise();
        assert!((noise - 0.01).abs() < 0.001, "{noise}");
        let (smooth, normals) = d.smoothed(&vec![0; z.len()], &lens, noise);
        let rms = |v: &[f32]| {
            let s: f64 =
                v.iter().enumerate().map(|(p, z)| (f64::from(*z) / exact(p) - 1.0).powi(2)).sum();
            (s / v.len() as f64).sqrt()
        };
        assert!(rms(&smooth) < 0.4 * rms(&z), "{} {}", rms(&smooth), rms(&z));
        let n = normals[30 * 64 + 30];
        assert!(f64::from(n[0]) * -0.6 + f64::from(n[2]) * -0.8 > 0.98, "{n:?}");
        // Exact depth is left as it is.
        let z: Vec<f32> = (0..64 * 48).map(|p| exact(p) as f32).collect();
        let d = Depth { width: 64, height: 48, z: &z };
        assert!(d.noise() < 1e-5);
        assert_eq!(d.smoothed(&vec![0; z.len()], &lens, d.noise()).0, z);
    }

    #[test]
    fn only_mixed_pixels_fly() {
        let z = [1.0, 1.0, 2.0, 3.0, 3.0, 1.0, 3.0f32];
        let d = Depth { width: 7, height: 1, z: &z };
        let flying: Vec<usize> = (0..7).filter(|p| d.flies(*p, 0.0)).collect();
        // The pixel between near and far flies; silhouettes and thin things do not.
        assert_eq!(flying, [2]);
        assert!(d.joined(0, 1, 0.0) && !d.joined(1, 2, 0.0));
    }
}
