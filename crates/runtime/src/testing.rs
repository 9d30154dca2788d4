//! Small memories built by hand, and runs over them.

use std::sync::OnceLock;

use reasmory_geom::{Obb, Pinhole, Point3, Vec3, View};
use reasmory_ir::Program;
use reasmory_scene::{Bounds, Instance, Manifest, Memory, Photo, Points, Room, Scale};

use crate::abi::Category;
use crate::{Decision, Fault, Limits, Run};

/// A memory in the making. The room is 4 by 3 and 2.5 high, so its diagonal is 5.
pub(crate) struct World {
    pub(crate) manifest: Manifest,
    points: Vec<([f32; 3], u32)>,
}

impl World {
    /// An empty metric room.
    pub(crate) fn metric() -> World {
        World::of(Scale::metric("test"))
    }

    /// The same without a known scale.
    pub(crate) fn relative() -> World {
        World::of(Scale::relative("test"))
    }

    fn of(scale: Scale) -> World {
        let mut manifest = Manifest::empty("test", "test", scale);
        manifest.bounds = Some(Bounds { min: [0.0; 3], max: [4.0, 3.0, 2.5] });
        manifest.room = Some(Room {
            outline: vec![[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]],
            floor: 0.0,
            ceiling: Some(2.5),
            stated_area: None,
        });
        World { manifest, points: Vec::new() }
    }

    /// Adds an upright box.
    pub(crate) fn object(&mut self, category: &str, center: [f64; 3], lengths: [f64; 3]) -> u32 {
        self.turned(category, center, lengths, 0.0)
    }

    /// Adds a box turned about world up.
    pub(crate) fn turned(
        &mut self,
        category: &str,
        center: [f64; 3],
        lengths: [f64; 3],
        yaw: f64,
    ) -> u32 {
        let id = self.manifest.instances.len() as u32 + 1;
        self.manifest.instances.push(Instance {
            id,
            category: category.into(),
            obb: Obb::upright(Point3::from(center), Vec3::from(lengths), yaw),
            confidence: 1.0,
            support: 0,
            front: None,
            seen_in: vec![],
        });
        id
    }

    /// The instance of an id.
    pub(crate) fn instance(&mut self, id: u32) -> &mut Instance {
        &mut self.manifest.instances[id as usize - 1]
    }

    /// Gives an object its points.
    pub(crate) fn points(&mut self, id: u32, points: impl IntoIterator<Item = [f32; 3]>) {
        self.points.extend(points.into_iter().map(|p| (p, id)));
    }

    /// Adds a photo taken from a view, 100 by 100 pixels, 90° wide.
    pub(crate) fn photo(&mut self, view: View, time: Option<f64>) {
        self.manifest.photos.push(Photo {
            number: self.manifest.photos.len() as u32 + 1,
            name: String::new(),
            pinhole: Pinhole::from_fov(100, 100, 90.0),
            camera_to_world: view.pose(),
            time,
            image: None,
        });
    }

    /// Positions may be off by this standard deviation.
    pub(crate) fn noise(&mut self, sigma: f64) {
        self.manifest.uncertainty.position = sigma;
    }

    /// The memory.
    pub(crate) fn build(mut self) -> Memory {
        self.manifest.index_categories();
        self.manifest.points = self.points.len() as u64;
        let points = Points {
            positions: self.points.iter().map(|p| p.0).collect::<Vec<_>>().into(),
            colors: vec![[120; 3]; self.points.len()].into(),
            confidence: vec![1.0; self.points.len()].into(),
            instance: self.points.iter().map(|p| p.1).collect::<Vec<_>>().into(),
        };
        Memory::new(self.manifest, points, None).unwrap()
    }
}

/// What a run gives over a memory, and the doubtful decisions it took, with one of them flipped.
pub(crate) fn flipped<T>(
    memory: &Memory,
    flip: Option<usize>,
    f: impl FnOnce(&mut Run<'_>) -> T,
) -> (T, Vec<Decision>) {
    let texts = ["sofa", "chair", "unicorn", "chari", "lamp"].map(str::to_owned).to_vec();
    let program = Program { texts, ..Program::default() };
    let cloud = OnceLock::new();
    let limits = Limits { picture: 96, renders: 4, ..Limits::default() };
    let mut run = Run::new(memory, &program, &cloud, limits, flip);
    let value = f(&mut run);
    (value, run.finish().decisions)
}

/// What a run gives over a memory.
pub(crate) fn over<T>(memory: &Memory, f: impl FnOnce(&mut Run<'_>) -> T) -> T {
    flipped(memory, None, f).0
}

/// The category of a text of the test program.
pub(crate) fn category(run: &Run<'_>, name: &str) -> Category {
    let i = run.program().texts.iter().position(|t| t == name).unwrap();
    Category(run.category(i as u32).unwrap() as u32)
}

/// The message of a fault of this kind.
#[track_caller]
pub(crate) fn message<T: std::fmt::Debug>(r: Result<T, Fault>, kind: crate::FaultKind) -> String {
    let fault = r.unwrap_err();
    assert_eq!(fault.kind, kind, "{fault}");
    fault.message
}

/// A level view.
pub(crate) fn level(x: f64, y: f64, z: f64, heading: f64) -> View {
    View::level(Point3::new(x, y, z), heading)
}
