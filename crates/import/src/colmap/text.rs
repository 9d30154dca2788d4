//! COLMAP's text files.

use std::collections::BTreeMap;

use super::{Camera, Image, Point, camera};

/// Where and what is wrong.
type Fault = (String, String);

/// Numbered lines without comments. Empty lines stay: in `images.txt` they mean an image without
/// observations.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, l)| (i + 1, l.trim())).filter(|(_, l)| !l.starts_with('#'))
}

struct Fields<'a> {
    line: usize,
    rest: std::str::SplitWhitespace<'a>,
}

impl<'a> Fields<'a> {
    fn new(line: usize, text: &'a str) -> Self {
        Fields { line, rest: text.split_whitespace() }
    }

    fn fault(&self, what: impl Into<String>) -> Fault {
        (format!("line {}", self.line), what.into())
    }

    fn word(&mut self, name: &str) -> Result<&'a str, Fault> {
        self.rest.next().ok_or_else(|| self.fault(format!("lacks {name}")))
    }

    fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<T, Fault> {
        let word = self.word(name)?;
        word.parse().map_err(|_| self.fault(format!("has {word:?} for {name}")))
    }

    fn numbers<const N: usize>(&mut self, name: &str) -> Result<[f64; N], Fault> {
        let mut out = [0.0; N];
        for x in &mut out {
            *x = self.number(name)?;
        }
        Ok(out)
    }
}

/// `cameras.txt`.
pub(crate) fn cameras(text: &str) -> Result<BTreeMap<u32, Camera>, Fault> {
    let mut out = BTreeMap::new();
    for (line, l) in lines(text).filter(|l| !l.1.is_empty()) {
        let mut f = Fields::new(line, l);
        let id: u32 = f.number("the camera's id")?;
        let model = f.word("the camera model")?;
        let (width, height) = (f.number("the width")?, f.number("the height")?);
        let mut params: Vec<f64> = Vec::new();
        while let Some(word) = f.rest.next() {
            params.push(word.parse().map_err(|_| f.fault(format!("has the parameter {word:?}")))?);
        }
        let camera = camera(model, width, height, &params).map_err(|e| f.fault(e))?;
        if out.insert(id, camera).is_some() {
            return Err(f.fault(format!("repeats camera {id}")));
        }
    }
    Ok(out)
}

/// `images.txt`: two lines an image, the second its observations (it may be empty).
pub(crate) fn images(text: &str) -> Result<Vec<Image>, Fault> {
    let mut out = Vec::new();
    let mut lines = lines(text);
    while let Some((line, l)) = lines.next() {
        if l.is_empty() {
            continue;
        }
        let mut f = Fields::new(line, l);
        let id = f.number("the image's id")?;
        let (q, t) = (f.numbers("the rotation")?, f.numbers("the translation")?);
        let camera = f.number("the camera's id")?;
        // A name may contain spaces: it is the rest of the line after nine fields.
        let name = f.rest.collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err((format!("line {line}"), "lacks the image's name".into()));
        }
        if let Some((line, observations)) = lines.next()
            && !observations.split_whitespace().count().is_multiple_of(3)
        {
            let what = "is not a list of observations (x y point, three numbers each)";
            return Err((format!("line {line}"), what.into()));
        }
        out.push(Image { id, q, t, camera, name });
    }
    Ok(out)
}

/// `points3D.txt`.
pub(crate) fn points(text: &str) -> Result<Vec<Point>, Fault> {
    let mut out = Vec::new();
    for (line, l) in lines(text).filter(|l| !l.1.is_empty()) {
        let mut f = Fields::new(line, l);
        let id = f.number("the point's id")?;
        let position: [f64; 3] = f.numbers("the position")?;
        if !position.iter().all(|x| (*x as f32).is_finite()) {
            return Err(f.fault("has no finite position"));
        }
        let mut color = [0u8; 3];
        for c in &mut color {
            *c = f.number("the colour")?;
        }
        let error = f.number("the error")?;
        let track = f.rest.clone().count();
        if !track.is_multiple_of(2) {
            return Err(f.fault("has a track of an odd number of fields"));
        }
        out.push(Point { id, position, color, error, track: track as u64 / 2 });
    }
    Ok(out)
}
