//! COLMAP's binary files, little-endian. Counts are checked against what is left of the file.

use std::collections::BTreeMap;

use super::{Camera, Image, MODELS, Observed, Point, camera};

/// Where and what is wrong.
type Fault = (String, String);

struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(n).filter(|e| *e <= self.data.len());
        let Some(end) = end else {
            return Err((format!("byte {}", self.at), "the file ends too early".into()));
        };
        let out = &self.data[self.at..end];
        self.at = end;
        Ok(out)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn f64(&mut self) -> Result<f64, Fault> {
        self.bytes().map(f64::from_le_bytes)
    }

    fn f64s<const N: usize>(&mut self) -> Result<[f64; N], Fault> {
        let mut out = [0.0; N];
        for x in &mut out {
            *x = self.f64()?;
        }
        Ok(out)
    }

    /// A count of items of at least `least` bytes each.
    fn count(&mut self, least: usize) -> Result<usize, Fault> {
        let at = self.at;
        let n = self.u64()?;
        let left = (self.data.len() - self.at) / least;
        match usize::try_from(n) {
            Ok(n) if n <= left => Ok(n),
            _ => {
                let what = format!("counts {n} items, but the file has room for {left}");
                Err((format!("byte {at}"), what))
            }
        }
    }

    fn end(&self) -> Result<(), Fault> {
        if self.at == self.data.len() {
            return Ok(());
        }
        let what = format!("{} bytes follow the last item", self.data.len() - self.at);
        Err((format!("byte {}", self.at), what))
    }
}

/// `cameras.bin`.
pub(crate) fn cameras(data: &[u8]) -> Result<BTreeMap<u32, Camera>, Fault> {
    let mut c = Cursor { data, at: 0 };
    let n = c.count(24)?;
    let mut out = BTreeMap::new();
    for _ in 0..n {
        let id = c.u32()?;
        let model = c.u32()?;
        let (width, height) = (c.u64()?, c.u64()?);
        let place = format!("camera {id}");
        let Some(m) = MODELS.get(model as usize) else {
            return Err((
                place,
                format!("has the camera model number {model}, which is not known"),
            ));
        };
        let mut params = Vec::with_capacity(m.params);
        for _ in 0..m.params {
            params.push(c.f64()?);
        }
        let camera = camera(m.name, width, height, &params).map_err(|e| (place.clone(), e))?;
        if out.insert(id, camera).is_some() {
            return Err((place, "appears twice".into()));
        }
    }
    c.end()?;
    Ok(out)
}

/// `images.bin` without what the images observe.
pub(crate) fn images(data: &[u8]) -> Result<Vec<Image>, Fault> {
    let mut out = Vec::new();
    each_image(data, |image, _| out.push(image))?;
    Ok(out)
}

/// `images.bin` with what the images observe.
pub(crate) fn observed(data: &[u8]) -> Result<Vec<(Image, Observed)>, Fault> {
    let mut out = Vec::new();
    each_image(data, |image, rows| {
        let f = |b: &[u8]| f64::from_le_bytes(std::array::from_fn(|i| b[i]));
        let one = |b: &[u8]| {
            let id = u64::from_le_bytes(std::array::from_fn(|i| b[16 + i]));
            ([f(&b[..8]), f(&b[8..16])], (id != u64::MAX).then_some(id))
        };
        out.push((image, rows.chunks_exact(24).map(one).collect()));
    })?;
    Ok(out)
}

fn each_image<'a>(data: &'a [u8], mut take: impl FnMut(Image, &'a [u8])) -> Result<(), Fault> {
    let mut c = Cursor { data, at: 0 };
    let n = c.count(73)?;
    for _ in 0..n {
        let id = c.u32()?;
        let (q, t) = (c.f64s()?, c.f64s()?);
        let camera = c.u32()?;
        let rest = &c.data[c.at..];
        let Some(end) = rest.iter().position(|b| *b == 0) else {
            return Err((format!("image {id}"), "has a name without an end".into()));
        };
        let name = String::from_utf8_lossy(&rest[..end]).into_owned();
        c.take(end + 1)?;
        let observations = c.count(24)?;
        let rows = c.take(24 * observations)?;
        take(Image { id, q, t, camera, name }, rows);
    }
    c.end()
}

/// `points3D.bin`.
pub(crate) fn points(data: &[u8]) -> Result<Vec<Point>, Fault> {
    let mut c = Cursor { data, at: 0 };
    let n = c.count(51)?;
    let mut out = Vec::with_capacity(n);
    for _ in 0..n {
        let id = c.u64()?;
        let position: [f64; 3] = c.f64s()?;
        if !position.iter().all(|x| (*x as f32).is_finite()) {
            return Err((format!("point {id}"), "has no finite position".into()));
        }
        let color = c.bytes()?;
        let error = c.f64()?;
        let track = c.count(8)?;
        c.take(8 * track)?;
        out.push(Point { id, position, color, error, track: track as u64 });
    }
    c.end()?;
    Ok(out)
}
