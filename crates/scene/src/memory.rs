//! A memory: manifest, points and (where stored) pixels.

use std::fmt;
use std::sync::Arc;

use reasmory_geom::Point3;

use crate::{Column, Manifest, ManifestError};

/// A picture: `width × height` sRGB pixels, row-major from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgb8 {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width · height` pixels.
    pub pixels: Vec<[u8; 3]>,
}

/// Where photo pixels come from.
pub trait PhotoPixels: Send + Sync {
    /// The pixels of photo `number` (1-based), or why there are none.
    fn rgb(&self, number: u32) -> Result<Rgb8, String>;
}

/// The point columns; all have the same number of rows.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// World positions.
    pub positions: Column<[f32; 3]>,
    /// sRGB colours.
    pub colors: Column<[u8; 3]>,
    /// Confidence in [0, 1].
    pub confidence: Column<f32>,
    /// Instance id of each point, 0 for none.
    pub instance: Column<u32>,
}

impl Points {
    /// Number of points.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }
}

/// An explicit 3D memory.
#[derive(Clone)]
pub struct Memory {
    manifest: Arc<Manifest>,
    points: Points,
    /// Rows of each instance's points, ascending, grouped by instance (CSR).
    instance_rows: Vec<u32>,
    instance_offsets: Vec<usize>,
    pixels: Option<Arc<dyn PhotoPixels>>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("name", &self.manifest.name)
            .field("instances", &self.manifest.instances.len())
            .field("points", &self.points.len())
            .finish_non_exhaustive()
    }
}

impl Memory {
    /// Puts a memory together. Columns must have `manifest.points` rows each, instance ids must exist and
    /// positions must be finite. The manifest is validated.
    pub fn new(
        manifest: Manifest,
        points: Points,
        pixels: Option<Arc<dyn PhotoPixels>>,
    ) -> Result<Memory, ManifestError> {
        manifest.validate()?;
        let rows = points.len();
        for (name, len) in [
            ("positions", rows),
            ("colors", points.colors.len()),
            ("confidence", points.confidence.len()),
            ("instance", points.instance.len()),
        ] {
            if len as u64 != manifest.points {
                return Err(ManifestError {
                    at: "points".into(),
                    what: format!("says {}, but `{name}` has {len} rows", manifest.points),
                });
            }
        }
        if let Some(i) = points.positions.iter().position(|p| p.iter().any(|x| !x.is_finite())) {
            return Err(ManifestError {
                at: format!("positions[{i}]"),
                what: "is not a finite position; import again without invalid points".into(),
            });
        }
        let known = manifest.instances.len();
        let mut offsets = vec![0usize; known + 1];
        for (i, id) in points.instance.iter().enumerate() {
            let id = *id as usize;
            if id > known {
                return Err(ManifestError {
                    at: format!("instance[{i}]"),
                    what: format!("is {id}, but there are {known} instances"),
                });
            }
            if id > 0 {
                offsets[id] += 1;
            }
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let mut next = offsets.clone();
        let mut instance_rows = vec![0u32; *offsets.last().unwrap_or(&0)];
        for (row, id) in points.instance.iter().enumerate() {
            if *id > 0 {
                let slot = &mut next[*id as usize - 1];
                instance_rows[*slot] = row as u32;
                *slot += 1;
            }
        }
        Ok(Memory {
            manifest: Arc::new(manifest),
            points,
            instance_rows,
            instance_offsets: offsets,
            pixels,
        })
    }

    /// What the checker knows.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The point columns.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// Rows of the points of instance `id`, ascending; empty for an unknown id.
    pub fn instance_rows(&self, id: u32) -> &[u32] {
        let i = id as usize;
        if i == 0 || i >= self.instance_offsets.len() {
            return &[];
        }
        &self.instance_rows[self.instance_offsets[i - 1]..self.instance_offsets[i]]
    }

    /// Positions of the points of instance `id`.
    pub fn instance_points(&self, id: u32) -> impl Iterator<Item = Point3> + '_ {
        self.instance_rows(id).iter().map(|row| {
            let p = self.points.positions[*row as usize];
            Point3::new(f64::from(p[0]), f64::from(p[1]), f64::from(p[2]))
        })
    }

    /// Pixels of a photo, or why there are none.
    pub fn photo_pixels(&self, number: u32) -> Result<Rgb8, String> {
        match &self.pixels {
            Some(p) => p.rgb(number),
            None => Err("this memory stores no pictures".into()),
        }
    }

    /// Where photo pixels come from, if they are stored at all.
    pub fn pixels(&self) -> Option<Arc<dyn PhotoPixels>> {
        self.pixels.clone()
    }

    /// Whether photo pixels are stored at all.
    pub fn has_pixels(&self) -> bool {
        self.pixels.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instance, Scale};
    use reasmory_geom::{Obb, Vec3};

    fn two_chairs() -> Manifest {
        let mut m = Manifest::empty("room", "test", Scale::metric("test"));
        for id in 1..=2 {
            m.instances.push(Instance {
                id,
                category: "chair".into(),
                obb: Obb::upright(Point3::origin(), Vec3::new(1.0, 1.0, 1.0), 0.0),
                confidence: 1.0,
                support: 0,
                front: None,
                seen_in: vec![],
            });
        }
        m.index_categories();
        m
    }

    fn points(instance: Vec<u32>) -> Points {
        let n = instance.len();
        Points {
            positions: vec![[0.0; 3]; n].into(),
            colors: vec![[0; 3]; n].into(),
            confidence: vec![1.0; n].into(),
            instance: instance.into(),
        }
    }

    #[test]
    fn points_are_grouped_by_instance() {
        let mut m = two_chairs();
        m.points = 5;
        let memory = Memory::new(m, points(vec![2, 0, 1, 2, 1]), None).unwrap();
        assert_eq!(memory.instance_rows(1), [2, 4]);
        assert_eq!(memory.instance_rows(2), [0, 3]);
        assert!(memory.instance_rows(0).is_empty() && memory.instance_rows(3).is_empty());
        assert_eq!(memory.manifest().instance_name(2), "chair #2");
    }

    #[test]
    fn lies_are_refused() {
        let mut m = two_chairs();
        m.points = 4;
        assert!(Memory::new(m.clone(), points(vec![1; 3]), None).is_err());
        let e = Memory::new(m.clone(), points(vec![1, 1, 1, 3]), None).unwrap_err();
        assert_eq!(e.at, "instance[3]");
        let mut nan = points(vec![1; 4]);
        nan.positions = vec![[0.0, f32::NAN, 0.0]; 4].into();
        assert_eq!(Memory::new(m.clone(), nan, None).unwrap_err().at, "positions[0]");
        m.instances[1].id = 7;
        assert_eq!(m.validate().unwrap_err().at, "instances[1].id");
    }

    #[test]
    fn manifest_json_round_trips() {
        let m = two_chairs();
        let text = serde_json::to_string(&m).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), m);
    }
}
