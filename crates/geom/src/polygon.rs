//! Convex polygons in the horizontal plane, counter-clockwise.

use crate::Point2;

fn cross(o: Point2, a: Point2, b: Point2) -> f64 {
    (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x)
}

/// Convex hull (Andrew's monotone chain), counter-clockwise, without collinear points. Non-finite points
/// are left out.
pub fn hull(points: impl IntoIterator<Item = Point2>) -> Vec<Point2> {
    let mut p: Vec<Point2> =
        points.into_iter().filter(|p| p.x.is_finite() && p.y.is_finite()).collect();
    p.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    p.dedup();
    if p.len() < 3 {
        return p;
    }
    let mut out: Vec<Point2> = Vec::with_capacity(2 * p.len());
    for pass in 0..2 {
        let start = out.len();
        let iter: Box<dyn Iterator<Item = &Point2>> =
            if pass == 0 { Box::new(p.iter()) } else { Box::new(p.iter().rev()) };
        for &q in iter {
            while out.len() >= start + 2 && cross(out[out.len() - 2], out[out.len() - 1], q) <= 0.0
            {
                out.pop();
            }
            out.push(q);
        }
        out.pop();
    }
    out
}

/// Signed area (shoelace): positive when counter-clockwise.
pub fn area(p: &[Point2]) -> f64 {
    let mut s = 0.0;
    for (i, a) in p.iter().enumerate() {
        let b = p[(i + 1) % p.len()];
        s += a.x * b.y - b.x * a.y;
    }
    0.5 * s
}

/// Whether a convex counter-clockwise polygon contains a point (border included).
pub fn contains(p: &[Point2], q: Point2) -> bool {
    p.len() >= 3 && (0..p.len()).all(|i| cross(p[i], p[(i + 1) % p.len()], q) >= 0.0)
}

/// Intersection of two convex counter-clockwise polygons (Sutherland–Hodgman).
pub fn intersect(subject: &[Point2], clip: &[Point2]) -> Vec<Point2> {
    let mut out = subject.to_vec();
    for i in 0..clip.len() {
        let (a, b) = (clip[i], clip[(i + 1) % clip.len()]);
        let input = std::mem::take(&mut out);
        for (j, &p) in input.iter().enumerate() {
            let q = input[(j + 1) % input.len()];
            let (sp, sq) = (cross(a, b, p), cross(a, b, q));
            if sp >= 0.0 {
                out.push(p);
            }
            if (sp > 0.0 && sq < 0.0) || (sp < 0.0 && sq > 0.0) {
                out.push(p + (q - p) * (sp / (sp - sq)));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, s: f64) -> Vec<Point2> {
        hull(
            [(x, y), (x + s, y), (x + s, y + s), (x, y + s), (x + s / 2.0, y)]
                .map(|(x, y)| Point2::new(x, y)),
        )
    }

    #[test]
    fn hull_area_clip() {
        let a = square(0.0, 0.0, 2.0);
        assert_eq!(a.len(), 4);
        assert_eq!(area(&a), 4.0);
        let c = intersect(&a, &square(1.0, 1.0, 2.0));
        assert!((area(&c) - 1.0).abs() < 1e-12);
        assert!(intersect(&a, &square(5.0, 5.0, 1.0)).is_empty());
        assert!(contains(&a, Point2::new(2.0, 1.0)) && !contains(&a, Point2::new(2.1, 1.0)));
    }
}
