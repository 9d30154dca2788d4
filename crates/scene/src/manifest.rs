//! The manifest: everything a checker may assume about a memory, without its points or pixels.

use reasmory_geom::{Obb, Pinhole, Point2, Point3, Pose, View};
use serde::{Deserialize, Serialize};

use crate::Layout;

/// Version of the manifest's layout. 1: points as the source had them. 2: points in the order of their spatial
/// index, which is stored beside them.
pub const SCHEMA: u32 = 2;
/// Oldest version that is read.
pub const OLDEST_SCHEMA: u32 = 1;

/// What is known of a scene. World frame, metres when [`Scale`] is metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Layout version, [`SCHEMA`].
    pub schema: u32,
    /// Name of the scene (a scene id where the source has one).
    pub name: String,
    /// What made it.
    pub provenance: Provenance,
    /// Metric or relative.
    pub scale: Scale,
    /// How far positions may be off.
    pub uncertainty: Uncertainty,
    /// Axis-aligned bounds of everything, where known.
    pub bounds: Option<Bounds>,
    /// The room, where known.
    pub room: Option<Room>,
    /// Rooms and walls, where they were found in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// Categories, sorted by name.
    pub categories: Vec<CategoryEntry>,
    /// Instances; the one with id `n` is at index `n - 1`.
    pub instances: Vec<Instance>,
    /// Photos; the one with number `n` is at index `n - 1`.
    pub photos: Vec<Photo>,
    /// Number of points.
    pub points: u64,
    /// What instances made from masks stand on, by id; empty where they come from elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounding: Vec<Grounded>,
    /// What was done to the memory since it was made, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journal: Vec<JournalEntry>,
}

/// What an instance made from masks of photos stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grounded {
    /// Id of the instance.
    pub id: u32,
    /// Labels that its masks have, with their share of the votes, the likeliest first.
    pub labels: Vec<(String, f64)>,
    /// Its masks: number of the photo, and place of the mask among the photo's, from 1; ascending.
    pub masks: Vec<[u32; 2]>,
    /// Covariance of its position, rows; square length units.
    pub covariance: [[f64; 3]; 3],
}

/// A change to a memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// What was done (`rename`, `merge`, `calibrate` …).
    pub action: String,
    /// What it did, in words.
    pub what: String,
}

/// What made a memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The source format (`vsi-metadata`, `posed-rgbd`, `colmap`, `synth` …).
    pub format: String,
    /// What was assumed or computed on the way, one sentence each.
    pub notes: Vec<String>,
}

/// Whether lengths are metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleKind {
    /// Lengths are metres.
    Metric,
    /// Lengths are scene units.
    Relative,
}

/// Scale and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// Metric or relative.
    pub kind: ScaleKind,
    /// Where that is known from.
    pub source: String,
}

impl Scale {
    /// Metres, known from `source`.
    pub fn metric(source: &str) -> Scale {
        Scale { kind: ScaleKind::Metric, source: source.to_owned() }
    }

    /// Scene units, because of `source`.
    pub fn relative(source: &str) -> Scale {
        Scale { kind: ScaleKind::Relative, source: source.to_owned() }
    }

    /// Whether lengths are metres.
    pub fn is_metric(&self) -> bool {
        self.kind == ScaleKind::Metric
    }
}

/// Standard deviations; 0 for an oracle memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uncertainty {
    /// Of a position along any direction, in the memory's length unit.
    pub position: f64,
}

/// Axis-aligned bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Lowest corner.
    pub min: [f64; 3],
    /// Highest corner.
    pub max: [f64; 3],
}

/// A room: floor and outline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// Outline in the floor plane, counter-clockwise; empty where unknown.
    pub outline: Vec<[f64; 2]>,
    /// Height of the floor (world z).
    pub floor: f64,
    /// Height of the ceiling (world z), where known.
    pub ceiling: Option<f64>,
    /// Floor area, where the source states it; else that of the outline is used.
    pub stated_area: Option<f64>,
}

/// A category and its instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryEntry {
    /// Label, lower case.
    pub name: String,
    /// Ids of its instances, ascending.
    pub instances: Vec<u32>,
    /// Count stated by the source where it differs from the number of instances; it is the truth for
    /// counting questions.
    pub stated_count: Option<u32>,
}

/// A labelled object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// 1-based id.
    pub id: u32,
    /// Label.
    pub category: String,
    /// Oriented bounding box.
    #[serde(rename = "box")]
    pub obb: Obb,
    /// Confidence in [0, 1].
    pub confidence: f32,
    /// Number of points that support it.
    pub support: u64,
    /// Horizontal unit direction its front faces, where it has one and it is known.
    pub front: Option<[f64; 3]>,
    /// Numbers of the photos it is seen in, ascending; empty where unknown.
    pub seen_in: Vec<u32>,
}

/// An input photo and its camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    /// 1-based number.
    pub number: u32,
    /// Name in the source.
    pub name: String,
    /// Intrinsics at the stored size.
    pub pinhole: Pinhole,
    /// Camera to world, OpenCV axes.
    pub camera_to_world: Pose,
    /// Seconds from the first frame, where known.
    pub time: Option<f64>,
    /// Picture file inside the memory, where stored.
    pub image: Option<String>,
}

impl Photo {
    /// The photo's own view.
    pub fn view(&self) -> View {
        View::from_pose(&self.camera_to_world, reasmory_geom::Lens::Pinhole(self.pinhole))
    }
}

impl Room {
    /// Outline as points.
    pub fn polygon(&self) -> Vec<Point2> {
        self.outline.iter().map(|p| Point2::new(p[0], p[1])).collect()
    }

    /// Floor area: the stated one, else that of the outline; `None` where neither is known.
    pub fn area(&self) -> Option<f64> {
        self.stated_area.or_else(|| {
            (self.outline.len() >= 3).then(|| reasmory_geom::polygon::area(&self.polygon()).abs())
        })
    }

    /// Floor to ceiling, where known.
    pub fn height(&self) -> Option<f64> {
        self.ceiling.map(|c| c - self.floor)
    }
}

impl Manifest {
    /// An empty memory of this name.
    pub fn empty(name: &str, format: &str, scale: Scale) -> Manifest {
        Manifest {
            schema: SCHEMA,
            name: name.to_owned(),
            provenance: Provenance { format: format.to_owned(), notes: Vec::new() },
            scale,
            uncertainty: Uncertainty::default(),
            bounds: None,
            room: None,
            layout: None,
            categories: Vec::new(),
            instances: Vec::new(),
            photos: Vec::new(),
            points: 0,
            grounding: Vec::new(),
            journal: Vec::new(),
        }
    }

    /// The category of this name.
    pub fn category(&self, name: &str) -> Option<&CategoryEntry> {
        let at = self.categories.binary_search_by(|c| c.name.as_str().cmp(name)).ok()?;
        self.categories.get(at)
    }

    /// The instance with this id.
    pub fn instance(&self, id: u32) -> Option<&Instance> {
        self.instances.get((id as usize).checked_sub(1)?)
    }

    /// The photo with this number.
    pub fn photo(&self, number: u32) -> Option<&Photo> {
        self.photos.get((number as usize).checked_sub(1)?)
    }

    /// How people write an instance: `chair`, or `chair #2` where its category has several (numbered
    /// within the category, in id order).
    pub fn instance_name(&self, id: u32) -> String {
        let Some(i) = self.instance(id) else { return format!("instance {id}") };
        match self.category(&i.category) {
            Some(c) if c.instances.len() > 1 => {
                let n = c.instances.iter().position(|x| *x == id).unwrap_or(0) + 1;
                format!("{} #{n}", i.category)
            }
            _ => i.category.clone(),
        }
    }

    /// Height of the floor: the room's, else the lowest bound, else 0.
    pub fn floor(&self) -> f64 {
        match (&self.room, &self.bounds) {
            (Some(r), _) => r.floor,
            (None, Some(b)) => b.min[2],
            (None, None) => 0.0,
        }
    }

    /// Diagonal of the room, the greatest distance between two corners of its outline, which is the same
    /// however the room lies in the world; without an outline that of the scene's horizontal bounds. It is the
    /// yardstick of a relative memory.
    pub fn diagonal(&self) -> f64 {
        let outline = self.room.as_ref().map(|r| r.outline.as_slice()).unwrap_or_default();
        let d = if outline.len() >= 3 {
            across(outline)
        } else if let Some(b) = &self.bounds {
            (b.max[0] - b.min[0]).hypot(b.max[1] - b.min[1])
        } else {
            return 1.0;
        };
        if d > 0.0 { d } else { 1.0 }
    }

    /// Eye height above the floor of a standing viewer, in the memory's length unit.
    pub fn eye_height(&self) -> f64 {
        if self.scale.is_metric() {
            return reasmory_geom::EYE_HEIGHT;
        }
        let room = self.room.as_ref().and_then(Room::height);
        let extent = self.bounds.map(|b| b.max[2] - b.min[2]);
        reasmory_geom::EYE_HEIGHT_FRACTION * room.or(extent).unwrap_or(1.0)
    }

    /// Default step, in the memory's length unit.
    pub fn step_length(&self) -> f64 {
        if self.scale.is_metric() {
            reasmory_geom::STEP
        } else {
            reasmory_geom::STEP_FRACTION * self.diagonal()
        }
    }

    /// Horizontal offset below which a target has no side.
    pub fn no_side(&self) -> f64 {
        if self.scale.is_metric() {
            reasmory_geom::NO_SIDE
        } else {
            reasmory_geom::NO_SIDE_FRACTION * self.diagonal()
        }
    }

    /// Rebuilds `categories` from the instances, keeping stated counts that still differ.
    pub fn index_categories(&mut self) {
        let mut map = std::collections::BTreeMap::<String, Vec<u32>>::new();
        for i in &self.instances {
            map.entry(i.category.clone()).or_default().push(i.id);
        }
        let stated: Vec<(String, Option<u32>)> =
            self.categories.drain(..).map(|c| (c.name, c.stated_count)).collect();
        for (name, count) in &stated {
            if count.is_some() {
                map.entry(name.clone()).or_default();
            }
        }
        self.categories = map
            .into_iter()
            .map(|(name, instances)| {
                let stated_count = stated
                    .iter()
                    .find(|s| s.0 == name)
                    .and_then(|s| s.1)
                    .filter(|n| *n as usize != instances.len());
                CategoryEntry { name, instances, stated_count }
            })
            .collect();
    }

    /// Grows `bounds` to hold `p`.
    pub fn extend_bounds(&mut self, p: Point3) {
        let b = self
            .bounds
            .get_or_insert(Bounds { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3] });
        for i in 0..3 {
            b.min[i] = b.min[i].min(p[i]);
            b.max[i] = b.max[i].max(p[i]);
        }
    }
}

/// Greatest distance between two corners of an outline.
fn across(outline: &[[f64; 2]]) -> f64 {
    // Of many corners those of the hull will do.
    const FEW: usize = 64;
    if outline.len() > FEW {
        let hull = reasmory_geom::polygon::hull(outline.iter().map(|p| Point2::from(*p)));
        return greatest(&hull.iter().map(|p| [p.x, p.y]).collect::<Vec<_>>());
    }
    greatest(outline)
}

fn greatest(corners: &[[f64; 2]]) -> f64 {
    let mut most = 0.0f64;
    for (i, p) in corners.iter().enumerate() {
        for q in &corners[i + 1..] {
            let (x, y) = (p[0] - q[0], p[1] - q[1]);
            most = most.max(x * x + y * y);
        }
    }
    most.sqrt()
}
