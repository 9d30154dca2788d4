//! What a model's numbers mean in the picture.

use crate::OnnxError;
use crate::prepare::Placed;
use crate::resample::{Kernel, resample};
use crate::sidecar::{Boxes, Corners, Scores};
use crate::tensor::Tensor;

/// A thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Place of its class in the sidecar's list.
    pub class: usize,
    /// Probability, in [0, 1].
    pub score: f32,
    /// Left, top, right, bottom, pixels of the picture, inside of it.
    pub at: [f64; 4],
    /// Its pixels, row-major over the picture; `None` where only a box is known.
    pub mask: Option<Vec<bool>>,
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Probabilities of logits against each other.
fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let all: Vec<f32> = logits.iter().map(|x| (x - most).exp()).collect();
    let sum: f32 = all.iter().sum();
    all.iter().map(|x| x / sum).collect()
}

/// The place and value of the largest number; 0 and its value where numbers are not finite.
fn largest(all: &[f32]) -> (usize, f32) {
    let mut best = (0, all.first().copied().unwrap_or(0.0));
    for (i, v) in all.iter().enumerate() {
        if *v > best.1 || !best.1.is_finite() && v.is_finite() {
            best = (i, *v);
        }
    }
    best
}

/// Depth over `to` pixels of the picture.
pub fn depth(
    t: &Tensor,
    name: &str,
    placed: &Placed,
    to: (usize, usize),
) -> Result<Vec<f32>, OnnxError> {
    // A channel of one may stand before or behind.
    let s = match t.shape.split_last() {
        Some((1, rest)) if rest.len() >= 3 => Tensor { shape: rest.to_vec(), data: vec![] },
        _ => Tensor { shape: t.shape.clone(), data: vec![] },
    };
    let s = s.squeezed(2, name)?;
    let numbers: Vec<[f32; 1]> = t.data.iter().map(|v| [*v]).collect();
    Ok(placed.unfold(&numbers, (s[1], s[0]), to).into_iter().map(|v| v[0]).collect())
}

/// Rows of a tensor of `[rows, columns]`, or of its transpose.
struct Rows<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    turned: bool,
}

impl<'a> Rows<'a> {
    fn of(t: &'a Tensor, name: &str, turned: bool) -> Result<Rows<'a>, OnnxError> {
        let s = t.squeezed(2, name)?;
        let (rows, columns) = if turned { (s[1], s[0]) } else { (s[0], s[1]) };
        Ok(Rows { data: &t.data, rows, columns, turned })
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        self.data[if self.turned { column * self.rows + row } else { row * self.columns + column }]
    }
}

/// Things of a detector's outputs, the surest first. `get` gives a tensor by its name.
pub fn boxes<'a>(
    spec: &Boxes,
    classes: usize,
    placed: &Placed,
    get: impl Fn(&str) -> Result<&'a Tensor, OnnxError>,
) -> Result<Vec<Found>, OnnxError> {
    let table = Rows::of(get(&spec.boxes)?, &spec.boxes, spec.columns)?;
    let one = spec.scores == spec.boxes;
    let (scores, first) = if one {
        (Rows::of(get(&spec.boxes)?, &spec.boxes, spec.columns)?, 4)
    } else {
        (Rows::of(get(&spec.scores)?, &spec.scores, spec.columns)?, 0)
    };
    let width = classes + usize::from(spec.meaning == Scores::Softmax);
    let given = scores.columns.saturating_sub(first);
    // Softmax may or may not have a class for nothing.
    let exact = given == width || spec.meaning == Scores::Softmax && given == classes;
    let fits = if spec.masks.is_some() { given > classes } else { exact };
    if table.columns < 4 || !fits || scores.rows != table.rows {
        return Err(OnnxError::model(
            format!(
                "`{}` and `{}` have {} × {} and {} × {} numbers for {classes} classes",
                spec.boxes, spec.scores, table.rows, table.columns, scores.rows, scores.columns
            ),
            "check `classes`, `order` and `meaning` of the sidecar",
        ));
    }
    let width = if spec.masks.is_some() { classes } else { given };
    let mut found: Vec<(Found, usize)> = Vec::new();
    for row in 0..table.rows {
        let raw: Vec<f32> = (0..width).map(|c| scores.at(row, first + c)).collect();
        let all = match spec.meaning {
            Scores::Plain => raw,
            Scores::Sigmoid => raw.into_iter().map(sigmoid).collect(),
            Scores::Softmax => softmax(&raw),
        };
        let (class, score) = largest(&all[..classes]);
        if !(score >= spec.threshold && score <= 1.0) {
            continue;
        }
        let b: [f32; 4] = std::array::from_fn(|k| table.at(row, k));
        if let Some(at) = corners(b, spec, placed) {
            found.push((Found { class, score, at, mask: None }, row));
        }
    }
    // By score, then by place: the order of equals is the model's.
    found.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    if let Some(most) = spec.overlap {
        found = suppressed(found, f64::from(most));
    }
    if let Some(name) = &spec.masks {
        let prototypes = Prototypes::of(get(name)?, name, table.columns - 4 - classes)?;
        for (f, row) in &mut found {
            let weights: Vec<f32> =
                (4 + classes..table.columns).map(|c| table.at(*row, c)).collect();
            f.mask = Some(prototypes.mask(&weights, &f.at, placed));
        }
    }
    Ok(found.into_iter().map(|f| f.0).collect())
}

/// A box in the picture, cut off at its edges; `None` where nothing is left.
fn corners(b: [f32; 4], spec: &Boxes, placed: &Placed) -> Option<[f64; 4]> {
    if b.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let b = b.map(f64::from);
    let mut e = match spec.corners {
        Corners::Ends => b,
        Corners::Middle => {
            [b[0] - b[2] / 2.0, b[1] - b[3] / 2.0, b[0] + b[2] / 2.0, b[1] + b[3] / 2.0]
        }
    };
    if spec.fractions {
        let (w, h) = (placed.input.0 as f64, placed.input.1 as f64);
        e = [e[0] * w, e[1] * h, e[2] * w, e[3] * h];
    }
    let (a, b) = (placed.back(e[0], e[1]), placed.back(e[2], e[3]));
    let (w, h) = (placed.picture.0 as f64, placed.picture.1 as f64);
    let at = [a.0.clamp(0.0, w), a.1.clamp(0.0, h), b.0.clamp(0.0, w), b.1.clamp(0.0, h)];
    (at[2] - at[0] >= 0.5 && at[3] - at[1] >= 0.5).then_some(at)
}

fn overlap(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    let area = |b: &[f64; 4]| (b[2] - b[0]) * (b[3] - b[1]);
    let w = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0);
    let h = (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    w * h / (area(a) + area(b) - w * h)
}

/// Without those that overlap a surer one of their class.
fn suppressed(all: Vec<(Found, usize)>, most: f64) -> Vec<(Found, usize)> {
    let mut kept: Vec<(Found, usize)> = Vec::new();
    for f in all {
        let hidden =
            |k: &(Found, usize)| k.0.class == f.0.class && overlap(&k.0.at, &f.0.at) > most;
        if !kept.iter().any(hidden) {
            kept.push(f);
        }
    }
    kept
}

/// Mask prototypes: a thing's mask is their weighted sum's sign, inside of its box.
struct Prototypes<'a> {
    data: &'a [f32],
    count: usize,
    size: (usize, usize),
}

impl<'a> Prototypes<'a> {
    fn of(t: &'a Tensor, name: &str, count: usize) -> Result<Prototypes<'a>, OnnxError> {
        let s = t.squeezed(3, name)?;
        if s[0] != count {
            return Err(OnnxError::model(
                format!("`{name}` has {} prototypes, and boxes have {count} coefficients", s[0]),
                "check `classes` of the sidecar",
            ));
        }
        Ok(Prototypes { data: &t.data, count, size: (s[2], s[1]) })
    }

    fn mask(&self, weights: &[f32], at: &[f64; 4], placed: &Placed) -> Vec<bool> {
        let n = self.size.0 * self.size.1;
        let logit: Vec<[f32; 1]> = (0..n)
            .map(|i| [(0..self.count).map(|k| weights[k] * self.data[k * n + i]).sum()])
            .collect();
        let (w, h) = placed.picture;
        let whole = placed.unfold(&logit, self.size, (w, h));
        whole
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let (x, y) = ((i % w) as f64 + 0.5, (i / w) as f64 + 0.5);
                v[0] > 0.0 && x >= at[0] && x < at[2] && y >= at[1] && y < at[3]
            })
            .collect()
    }
}

/// Pieces of one class each: pixels whose class is surest to `threshold`, connected by their sides.
pub fn classes(
    t: &Tensor,
    name: &str,
    count: usize,
    placed: &Placed,
    threshold: f32,
    least: f32,
    thing: impl Fn(usize) -> bool,
) -> Result<Vec<Found>, OnnxError> {
    let s = t.squeezed(3, name)?;
    if s[0] != count {
        return Err(OnnxError::model(
            format!("`{name}` has {} channels, and the sidecar names {count} classes", s[0]),
            "name every class of the model in order",
        ));
    }
    let (rows, columns) = (s[1], s[2]);
    let n = rows * columns;
    let (w, h) = placed.picture;
    // Logits are brought to the picture first, as the models' own code does; a channel at a time.
    let mut best = vec![(f32::NEG_INFINITY, 0usize); w * h];
    let mut sum = vec![0.0f32; w * h];
    let channels: Vec<Vec<f32>> = (0..count)
        .map(|c| {
            let one: Vec<[f32; 1]> = t.data[c * n..(c + 1) * n].iter().map(|v| [*v]).collect();
            placed.unfold(&one, (columns, rows), (w, h)).into_iter().map(|v| v[0]).collect()
        })
        .collect();
    for (c, channel) in channels.iter().enumerate() {
        for (b, v) in best.iter_mut().zip(channel) {
            if *v > b.0 {
                *b = (*v, c);
            }
        }
    }
    for channel in &channels {
        for ((s, b), v) in sum.iter_mut().zip(&best).zip(channel) {
            *s += (v - b.0).exp();
        }
    }
    let of = |i: usize| (best[i].1, 1.0 / sum[i]);
    // Numbers that are none are not sure.
    let unsure = |p: f32| p.is_nan() || p < threshold;
    let fewest = ((f64::from(least) * (w * h) as f64).ceil() as usize).max(1);
    let mut seen = vec![false; w * h];
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for start in 0..w * h {
        let (class, p) = of(start);
        if seen[start] || !thing(class) || unsure(p) {
            continue;
        }
        let (mut mask, mut pixels, mut total) = (vec![false; w * h], 0usize, 0.0f64);
        let mut at = [w, h, 0, 0];
        stack.push(start);
        seen[start] = true;
        while let Some(i) = stack.pop() {
            let (x, y) = (i % w, i / w);
            mask[i] = true;
            pixels += 1;
            total += f64::from(of(i).1);
            at = [at[0].min(x), at[1].min(y), at[2].max(x + 1), at[3].max(y + 1)];
            let near = [
                (x > 0).then(|| i - 1),
                (x + 1 < w).then(|| i + 1),
                (y > 0).then(|| i - w),
                (y + 1 < h).then(|| i + w),
            ];
            for j in near.into_iter().flatten() {
                let (c, p) = of(j);
                if !seen[j] && c == class && !unsure(p) {
                    seen[j] = true;
                    stack.push(j);
                }
            }
        }
        if pixels >= fewest {
            let score = (total / pixels as f64) as f32;
            found.push(Found { class, score, at: at.map(|v| v as f64), mask: Some(mask) });
        }
    }
    Ok(found)
}

/// Numbers of one picture size brought to another, bilinearly.
pub fn resized(numbers: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    let one: Vec<[f32; 1]> = numbers.iter().map(|v| [*v]).collect();
    resample(&one, from, to, Kernel::BILINEAR).into_iter().map(|v| v[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(w: usize, h: usize) -> Placed {
        Placed { picture: (w, h), input: (w, h), offset: (0, 0), size: (w, h) }
    }

    fn detector() -> Boxes {
        Boxes {
            boxes: "b".into(),
            scores: "s".into(),
            columns: false,
            corners: Corners::Middle,
            fractions: true,
            meaning: Scores::Softmax,
            threshold: 0.5,
            overlap: Some(0.5),
            masks: None,
        }
    }

    #[test]
    fn boxes_are_read_and_thinned() {
        let b = Tensor::new(
            vec![1, 4, 4],
            vec![
                0.5,
                0.5,
                0.5,
                0.5,
                0.5,
                0.5,
                0.5,
                0.4,
                0.1,
                0.1,
                0.4,
                0.4,
                f32::NAN,
                0.0,
                1.0,
                1.0,
            ],
        )
        .unwrap();
        let s = Tensor::new(
            vec![1, 4, 3],
            vec![9.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0, 9.0, 0.0, 9.0, 0.0, 0.0],
        )
        .unwrap();
        let get = |n: &str| Ok(if n == "b" { &b } else { &s });
        let found = boxes(&detector(), 2, &placed(100, 50), get).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].class, found[0].at), (0, [25.0, 12.5, 75.0, 37.5]));
        assert_eq!(found[1].class, 1);
        // Cut off at the picture's edge.
        assert_eq!(found[1].at[..2], [0.0, 0.0]);
        // None of the classes: the third column.
        let nothing = Tensor::new(vec![4, 3], [0.0, 0.0, 9.0].repeat(4)).unwrap();
        let get = |n: &str| Ok(if n == "b" { &b } else { &nothing });
        assert!(boxes(&detector(), 2, &placed(100, 50), get).unwrap().is_empty());
        let e = boxes(&detector(), 7, &placed(100, 50), |_| Ok(&b)).unwrap_err();
        assert!(e.what.contains("for 7 classes"), "{e}");
    }

    #[test]
    fn pieces_of_a_class_are_things() {
        // Two channels over 4 × 2: class 1 at both ends.
        let one = [5.0, -5.0, -5.0, 5.0, 5.0, -5.0, -5.0, -5.0];
        let t = Tensor::new(vec![1, 2, 2, 4], one.iter().map(|v| -v).chain(one).collect()).unwrap();
        let found = classes(&t, "o", 2, &placed(4, 2), 0.5, 0.0, |c| c == 1).unwrap();
        assert_eq!(
            found.iter().map(|f| f.at).collect::<Vec<_>>(),
            [[0.0, 0.0, 1.0, 2.0], [3.0, 0.0, 4.0, 1.0]]
        );
        assert!(found.iter().all(|f| f.score > 0.99 && f.class == 1));
        // The smaller one is less than a fifth of the picture.
        assert_eq!(classes(&t, "o", 2, &placed(4, 2), 0.5, 0.2, |c| c == 1).unwrap().len(), 1);
        assert!(classes(&t, "o", 3, &placed(4, 2), 0.5, 0.0, |_| true).is_err());
    }

    #[test]
    fn depth_has_one_channel_somewhere() {
        for shape in [vec![2, 2], vec![1, 2, 2], vec![1, 1, 2, 2], vec![1, 2, 2, 1]] {
            let t = Tensor::new(shape, vec![1.0, 2.0, 3.0, 4.0]).unwrap();
            assert_eq!(depth(&t, "d", &placed(2, 2), (2, 2)).unwrap(), t.data);
        }
        let t = Tensor::new(vec![3, 2, 2], vec![0.0; 12]).unwrap();
        assert!(depth(&t, "d", &placed(2, 2), (2, 2)).unwrap_err().what.contains("[3, 2, 2]"));
    }
}
