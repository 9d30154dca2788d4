//! A memory: manifest, points and (where stored) pixels.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use reasmory_geom::Point3;

use crate::index::{FloorMap, Misfit, SpatialIndex, Tree};
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

/// Rows of an instance's points, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceRows<'a> {
    /// One after the other.
    Run(Range<u32>),
    /// Anywhere.
    List(&'a [u32]),
}

impl InstanceRows<'_> {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            InstanceRows::Run(r) => r.len(),
            InstanceRows::List(l) => l.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        (0..self.len()).map(|i| match self {
            InstanceRows::Run(r) => r.start + i as u32,
            InstanceRows::List(l) => l[i],
        })
    }
}

/// Which rows belong to which instance.
#[derive(Clone)]
enum Grouping {
    /// Rows grouped by instance (CSR), for points in any order.
    Listed { rows: Vec<u32>, offsets: Vec<usize> },
    /// Points stand in groups: those of no instance, then those of each.
    Grouped(Column<u64>),
}

/// An explicit 3D memory.
#[derive(Clone)]
pub struct Memory {
    manifest: Arc<Manifest>,
    points: Points,
    grouping: Grouping,
    /// Stored, or built on first use.
    index: Arc<OnceLock<SpatialIndex>>,
    /// The floor, where it was asked for before there was an index.
    floor: Arc<OnceLock<FloorMap>>,
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
        same_rows(&manifest, &points)?;
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
            grouping: Grouping::Listed { rows: instance_rows, offsets },
            index: Arc::default(),
            floor: Arc::default(),
            pixels,
        })
    }

    /// Puts a stored memory together whose points stand in the order of their index. Nothing of the columns is read
    /// but their lengths, so that it takes the same time whatever their number; who reads positions must
    /// expect damaged ones.
    pub fn stored(
        manifest: Manifest,
        points: Points,
        pixels: Option<Arc<dyn PhotoPixels>>,
        index: SpatialIndex,
    ) -> Result<Memory, ManifestError> {
        manifest.validate()?;
        same_rows(&manifest, &points)?;
        let grouped = index.order().is_none() && index.positions().len() == points.len();
        if !grouped || index.groups().len() != manifest.instances.len() + 2 {
            let what = "is that of other points".to_owned();
            return Err(ManifestError { at: "index".into(), what });
        }
        Ok(Memory {
            manifest: Arc::new(manifest),
            points,
            grouping: Grouping::Grouped(index.groups().clone()),
            index: Arc::new(OnceLock::from(index)),
            floor: Arc::default(),
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
    pub fn instance_rows(&self, id: u32) -> InstanceRows<'_> {
        let i = id as usize;
        if i == 0 || i > self.manifest.instances.len() {
            return InstanceRows::List(&[]);
        }
        match &self.grouping {
            Grouping::Listed { rows, offsets } => {
                InstanceRows::List(&rows[offsets[i - 1]..offsets[i]])
            }
            Grouping::Grouped(groups) => InstanceRows::Run(groups[i] as u32..groups[i + 1] as u32),
        }
    }

    /// Positions of the points of instance `id`, in order of their rows.
    pub fn instance_points(&self, id: u32) -> impl Iterator<Item = Point3> + '_ {
        let rows = self.instance_rows(id);
        (0..rows.len()).map(move |i| {
            let row = match &rows {
                InstanceRows::Run(r) => r.start as usize + i,
                InstanceRows::List(l) => l[i] as usize,
            };
            Point3::from(self.points.positions[row].map(f64::from))
        })
    }

    /// The spatial index of the points: the stored one, else one that is built now and kept.
    pub fn index(&self) -> &SpatialIndex {
        self.index
            .get_or_init(|| crate::apart(|| SpatialIndex::build(&self.manifest, &self.points)))
    }

    /// Where the floor is free: what the index says, where there is one, else built alone and kept, for much less than
    /// an index takes.
    pub fn floor_map(&self) -> &FloorMap {
        match self.index.get() {
            Some(index) => index.floor(),
            None => {
                self.floor.get_or_init(|| FloorMap::build(&self.manifest, &self.points.positions))
            }
        }
    }

    /// The tree of the points of instance `id`; `None` where it has none. Where no index is stored or built it is
    /// built for this instance alone, every time.
    pub fn instance_tree(&self, id: u32) -> Option<Tree> {
        if id == 0 {
            return None;
        }
        match self.index.get() {
            Some(index) => index.tree(id),
            None => {
                let rows = self.instance_rows(id);
                Tree::new(rows.iter().map(|r| (r, self.points.positions[r as usize])))
            }
        }
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

/// Whether every column has as many rows as the manifest says.
fn same_rows(manifest: &Manifest, points: &Points) -> Result<(), ManifestError> {
    for (name, len) in [
        ("positions", points.len()),
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
    if u32::try_from(manifest.points).is_err() {
        let what = format!("are {}, more than {} rows", manifest.points, u32::MAX);
        return Err(ManifestError { at: "points".into(), what });
    }
    Ok(())
}

impl From<Misfit> for ManifestError {
    fn from(m: Misfit) -> ManifestError {
        ManifestError { at: m.tensor.to_owned(), what: m.what }
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
        assert_eq!(memory.instance_rows(1), InstanceRows::List(&[2, 4]));
        assert_eq!(memory.instance_rows(2).iter().collect::<Vec<_>>(), [0, 3]);
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
