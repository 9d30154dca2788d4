//! How like two pictures are.

use reasmory_scene::Rgb8;

/// Peak signal-to-noise ratio over the pixels where `mask` holds, dB; `None` where it holds nowhere or the pictures
/// differ in size. Of equal pictures it is infinite.
pub fn psnr(a: &Rgb8, b: &Rgb8, mask: &[bool]) -> Option<f64> {
    if !alike(a, b, mask) {
        return None;
    }
    let (mut square, mut n) = (0u64, 0u64);
    for ((p, q), _) in a.pixels.iter().zip(&b.pixels).zip(mask).filter(|x| *x.1) {
        n += 3;
        square += (0..3).map(|i| u64::from(p[i].abs_diff(q[i])).pow(2)).sum::<u64>();
    }
    (n > 0).then(|| 10.0 * (65025.0 * n as f64 / square as f64).log10())
}

/// Half the side of the windows of [`ssim`].
const HALF: usize = 5;

/// Mean structural similarity of the luma (BT.601) over the pixels where `mask` holds: Wang et al. (*Image quality
/// assessment*, IEEE TIP 2004) with their Gaussian windows of 11 × 11 and σ = 1.5, K₁ = 0.01, K₂ = 0.03; of each
/// window the pixels count where `mask` holds. `None` as for [`psnr`].
pub fn ssim(a: &Rgb8, b: &Rgb8, mask: &[bool]) -> Option<f64> {
    if !alike(a, b, mask) {
        return None;
    }
    let (w, h) = (a.width as usize, a.height as usize);
    let luma = |p: &Rgb8| -> Vec<f64> {
        let of = |c: &[u8; 3]| {
            0.299 * f64::from(c[0]) + 0.587 * f64::from(c[1]) + 0.114 * f64::from(c[2])
        };
        p.pixels.iter().map(of).collect()
    };
    let (x, y) = (luma(a), luma(b));
    // Weight, and weighted sums of both, their squares and their product: blurred along rows, then along columns.
    let mut planes: [Vec<f64>; 6] = std::array::from_fn(|k| {
        (0..w * h)
            .map(|i| match (mask[i], k) {
                (false, _) => 0.0,
                (true, 0) => 1.0,
                (true, 1) => x[i],
                (true, 2) => y[i],
                (true, 3) => x[i] * x[i],
                (true, 4) => y[i] * y[i],
                (true, _) => x[i] * y[i],
            })
            .collect()
    });
    let kernel: Vec<f64> = (0..=2 * HALF)
        .map(|i| reasmory_geom::math::exp(-(i as f64 - HALF as f64).powi(2) / (2.0 * 1.5 * 1.5)))
        .collect();
    for plane in &mut planes {
        for (step, n) in [(1, w), (w, h)] {
            let from = plane.clone();
            for (i, out) in plane.iter_mut().enumerate() {
                let at = i / step % n;
                let (first, last) = (at.saturating_sub(HALF), (at + HALF).min(n - 1));
                let weight = |j: usize| kernel[j + HALF - at];
                *out = (first..=last).map(|j| weight(j) * from[i + j * step - at * step]).sum();
            }
        }
    }
    let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
    let (mut sum, mut n) = (0.0, 0u64);
    for i in (0..w * h).filter(|i| mask[*i]) {
        let mean = |k: usize| planes[k][i] / planes[0][i];
        let (mx, my) = (mean(1), mean(2));
        let (vx, vy, cov) = (mean(3) - mx * mx, mean(4) - my * my, mean(5) - mx * my);
        sum +=
            (2.0 * mx * my + c1) * (2.0 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}

fn alike(a: &Rgb8, b: &Rgb8, mask: &[bool]) -> bool {
    (a.width, a.height) == (b.width, b.height)
        && a.pixels.len() == b.pixels.len()
        && a.pixels.len() == mask.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn noise(seed: u64) -> Rgb8 {
        let mut random = Random::new(seed);
        let pixels = (0..40 * 30).map(|_| [0; 3].map(|_: u8| (random.unit() * 255.0) as u8));
        Rgb8 { width: 40, height: 30, pixels: pixels.collect() }
    }

    #[test]
    fn by_hand() {
        let (a, all) = (noise(1), vec![true; 1200]);
        assert_eq!(psnr(&a, &a, &all), Some(f64::INFINITY));
        assert!((ssim(&a, &a, &all).unwrap() - 1.0).abs() < 1e-12);
        let mut b = a.clone();
        b.pixels.iter_mut().for_each(|p| *p = p.map(|c| if c < 128 { c + 10 } else { c - 10 }));
        // Off by ten everywhere: 20 log10 (255 / 10).
        assert!((psnr(&a, &b, &all).unwrap() - 28.1308).abs() < 1e-4);
        let s = ssim(&a, &b, &all).unwrap();
        assert!(s > 0.8 && s < 1.0, "{s}");
        assert!(ssim(&a, &noise(2), &all).unwrap() < 0.2);
        // What is not covered does not count.
        let mut spoilt = a.clone();
        let mut mask = all.clone();
        (0..300).for_each(|i| (spoilt.pixels[i], mask[i]) = ([0; 3], false));
        assert_eq!(psnr(&a, &spoilt, &mask), Some(f64::INFINITY));
        assert!((ssim(&a, &spoilt, &mask).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(psnr(&a, &b, &[false; 1200]), None);
        assert_eq!(ssim(&a, &b, &[true; 3]), None);
        // Flat pictures differ by their means alone: (2 m n + c) / (m² + n² + c).
        let flat = |v: u8| Rgb8 { width: 40, height: 30, pixels: vec![[v; 3]; 1200] };
        let c = (0.01f64 * 255.0).powi(2);
        let want = (2.0 * 100.0 * 140.0 + c) / (100.0f64.powi(2) + 140.0f64.powi(2) + c);
        assert!((ssim(&flat(100), &flat(140), &all).unwrap() - want).abs() < 1e-9);
    }
}
