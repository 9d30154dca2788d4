//! Rooms: a floor plan, walls, and furniture that stands where furniture stands. Flats: [`crate::flat`].

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_scene::Room as RoomFacts;

use crate::furniture::{Kind, Model, Surface, bounds};
use crate::material::{Material, Pattern};
use crate::place::{Placer, Plan, Slab};
use crate::recipes;
use crate::rng::Rng;
use crate::solid::{Frame2, Part};
use crate::structure::Layout;

/// What a room is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Sofa, television, dining table.
    Living,
    /// Bed, nightstands, wardrobe.
    Bedroom,
    /// Stove, sink, refrigerator, table.
    Kitchen,
    /// Desks, office chairs, shelves.
    Office,
}

/// What is asked of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomOptions {
    /// Its use; by the seed where `None`.
    pub style: Option<Style>,
    /// Whether one corner is taken away.
    pub l_shaped: bool,
    /// Whether it is furnished from the whole catalogue. Without it rooms have the kinds and the look that they
    /// had before the catalogue grew.
    pub full: bool,
}

/// A placed piece of furniture.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// 1-based id.
    pub id: u32,
    /// Category.
    pub category: &'static str,
    /// Placement of the piece's frame: its base's centre.
    pub frame: Frame2,
    /// Solid parts, in the piece's frame.
    pub parts: Vec<Part>,
    /// Exact box: the bounds of the parts in the piece's frame.
    pub obb: Obb,
    /// World direction of its front, where the category has one.
    pub front: Option<Vec3>,
    /// Id of the piece it stands on.
    pub support: Option<u32>,
    /// Where things can stand on it.
    pub surface: Option<Surface>,
    size: Vec3,
}

impl Piece {
    pub(crate) fn new(
        id: u32,
        kind: &Kind,
        frame: Frame2,
        model: Model,
        support: Option<u32>,
    ) -> Piece {
        Piece::from_parts(id, kind.name, frame, model, kind.front, support)
    }

    /// A piece of any parts; they are taken to be centred over the frame's origin.
    pub(crate) fn from_parts(
        id: u32,
        category: &'static str,
        frame: Frame2,
        model: Model,
        has_front: bool,
        support: Option<u32>,
    ) -> Piece {
        let (lo, hi) = bounds(&model.parts);
        let center = frame.point((lo + hi) * 0.5);
        Piece {
            id,
            category,
            frame,
            obb: Obb::upright(center, hi - lo, frame.yaw),
            front: has_front.then(|| frame.direction(Vec3::y())),
            support,
            surface: model.surface,
            parts: model.parts,
            size: hi - lo,
        }
    }

    /// Half extents in the piece's frame.
    pub fn half(&self) -> Vec3 {
        self.size * 0.5
    }

    /// Lowest and highest world corner.
    pub fn bounds(&self) -> (Point3, Point3) {
        let h = self.half();
        let (x, y) = (self.frame.direction(Vec3::x()).abs(), self.frame.direction(Vec3::y()).abs());
        let r = x * h.x + y * h.y + Vec3::new(0.0, 0.0, h.z);
        let c = self.frame.point(Vec3::new(0.0, 0.0, h.z));
        (c - r, c + r)
    }

    pub(crate) fn slab(&self) -> Slab {
        let o = self.frame.origin;
        let h = self.half();
        Slab::new([o.x, o.y], [h.x, h.y], self.frame.yaw, [o.z, o.z + self.size.z])
    }
}

/// A furnished room. Its floor is z = 0; one corner of its outline is the origin.
#[derive(Clone, Debug)]
pub struct Room {
    /// The seed it was made from.
    pub seed: u64,
    /// Its use.
    pub style: Style,
    /// Outline in the floor plane, counter-clockwise.
    pub outline: Vec<[f64; 2]>,
    /// Floor to ceiling, metres.
    pub height: f64,
    /// Furniture, doors and windows; the one with id `n` is at index `n - 1`.
    pub pieces: Vec<Piece>,
    pub(crate) plan: Plan,
    pub(crate) floor: Material,
    pub(crate) wall: Material,
    pub(crate) accent: Material,
    pub(crate) ceiling: Material,
    /// The ceiling lamp.
    pub(crate) light: Point3,
    /// How a flat is divided; `None` for one room.
    pub layout: Option<Layout>,
}

/// Materials of the structure.
pub(crate) struct Look {
    pub floor: Material,
    pub wall: Material,
    pub accent: Material,
}

impl Look {
    pub(crate) fn of(rng: &mut Rng, style: Style) -> Look {
        let accent = accent_material(rng);
        Look { floor: floor_material(rng, style), wall: wall_material(rng), accent }
    }
}

impl Room {
    /// The room of this seed. The same seed and options give the same room on every machine.
    pub fn generate(seed: u64, options: &RoomOptions) -> Room {
        let root = Rng::new(seed);
        let mut rng = root.fork(1);
        let style = options.style.unwrap_or_else(|| {
            [Style::Living, Style::Bedroom, Style::Kitchen, Style::Office][rng.below(4)]
        });
        let (mut width, mut depth) = (rng.range(4.4, 6.2), rng.range(3.9, 5.2));
        let notch = options.l_shaped.then(|| {
            (width, depth) = (width + 0.8, depth + 0.8);
            [width * rng.range(0.3, 0.42), depth * rng.range(0.3, 0.42)]
        });
        let height = rng.range(2.5, 2.9);
        let mut placer = Placer::new(Plan::new(width, depth, notch), height);
        let mut rng = root.fork(2);
        for name in ["door", "window"] {
            recipes::put(&mut placer, &mut rng, name);
        }
        let (recipe, more) = match style {
            Style::Living => (recipes::LIVING, recipes::LIVING_MORE),
            Style::Bedroom => (recipes::BEDROOM, recipes::BEDROOM_MORE),
            Style::Kitchen => (recipes::KITCHEN, recipes::KITCHEN_MORE),
            Style::Office => (recipes::OFFICE, recipes::OFFICE_MORE),
        };
        let more = if options.full { more } else { &[] };
        for (i, line) in recipe.iter().chain(more).enumerate() {
            recipes::line(&mut placer, &root.fork(100 + i as u64), line);
        }
        // However crowded, a room has two seats.
        let seats = placer.pieces.iter().filter(|p| p.category == "chair").count();
        for _ in seats..2 {
            recipes::put(&mut placer, &mut rng, "chair");
        }
        let look = Look::of(&mut root.fork(3), style);
        let light = light_over(&placer.plan, height);
        Room::assembled(seed, style, height, placer.pieces, placer.plan, look, light, None)
    }

    #[allow(clippy::too_many_arguments)]
    pub(crate) fn assembled(
        seed: u64,
        style: Style,
        height: f64,
        pieces: Vec<Piece>,
        plan: Plan,
        look: Look,
        light: Point3,
        layout: Option<Layout>,
    ) -> Room {
        Room {
            seed,
            style,
            outline: plan.outline.clone(),
            height,
            pieces,
            plan,
            floor: look.floor,
            wall: look.wall,
            accent: look.accent,
            ceiling: Material::plain([0.93, 0.93, 0.91]),
            light,
            layout,
        }
    }

    /// A bare rectangular room with these pieces, for tests by hand: category, solid parts (centred over
    /// the origin of the piece's frame), placement of that frame and whether local +y is a front.
    pub fn by_hand(size: [f64; 3], pieces: Vec<(&'static str, Vec<Part>, Frame2, bool)>) -> Room {
        let plan = Plan::new(size[0], size[1], None);
        let pieces = pieces
            .into_iter()
            .enumerate()
            .map(|(i, (category, parts, frame, has_front))| {
                let model = Model { parts, surface: None };
                Piece::from_parts(i as u32 + 1, category, frame, model, has_front, None)
            })
            .collect();
        let mut look = Rng::new(0);
        Room {
            seed: 0,
            style: Style::Living,
            outline: plan.outline.clone(),
            height: size[2],
            pieces,
            light: light_over(&plan, size[2]),
            plan,
            floor: floor_material(&mut look, Style::Living),
            wall: wall_material(&mut look),
            accent: accent_material(&mut look),
            ceiling: Material::plain([0.93, 0.93, 0.91]),
            layout: None,
        }
    }

    /// The piece with this id.
    pub fn piece(&self, id: u32) -> Option<&Piece> {
        self.pieces.get((id as usize).checked_sub(1)?)
    }

    /// Name of the scene.
    pub fn name(&self) -> String {
        if let Some(l) = &self.layout {
            return format!("synth-flat-{}-{}", l.rooms.len(), self.seed);
        }
        let style = match self.style {
            Style::Living => "living",
            Style::Bedroom => "bedroom",
            Style::Kitchen => "kitchen",
            Style::Office => "office",
        };
        format!("synth-{style}-{}", self.seed)
    }

    /// The exact room, as a manifest states it. Of a flat the outline is around all rooms, the area theirs alone.
    pub fn facts(&self) -> RoomFacts {
        RoomFacts {
            outline: self.outline.clone(),
            floor: 0.0,
            ceiling: Some(self.height),
            stated_area: self.layout.is_some().then(|| crate::truth::area(self)),
        }
    }
}

fn light_over(plan: &Plan, height: f64) -> Point3 {
    let share = if plan.notch.is_some() { 0.36 } else { 0.5 };
    Point3::new(plan.width * share, plan.depth * share, height - 0.12)
}

fn floor_material(rng: &mut Rng, style: Style) -> Material {
    if style == Style::Kitchen {
        let tones = [[0.78, 0.76, 0.72], [0.6, 0.62, 0.64], [0.72, 0.6, 0.5]];
        return Material::new(Pattern::Tiles, tones[rng.below(3)], [0.45, 0.43, 0.4], 0.4);
    }
    let tones = [
        ([0.68, 0.5, 0.33], [0.55, 0.38, 0.24]),
        ([0.52, 0.36, 0.24], [0.4, 0.27, 0.18]),
        ([0.78, 0.66, 0.5], [0.68, 0.55, 0.4]),
    ];
    let (a, b) = tones[rng.below(3)];
    Material::new(Pattern::Planks, a, b, 0.16)
}

fn wall_material(rng: &mut Rng) -> Material {
    let tones = [[0.9, 0.88, 0.82], [0.82, 0.86, 0.88], [0.88, 0.84, 0.78], [0.84, 0.88, 0.82]];
    Material::plain(tones[rng.below(4)])
}

/// One wall differs, so that views tell the walls apart.
fn accent_material(rng: &mut Rng) -> Material {
    match rng.below(3) {
        0 => Material::new(Pattern::Brick, [0.62, 0.36, 0.28], [0.78, 0.74, 0.68], 0.25),
        1 => Material::new(Pattern::Stripes, [0.78, 0.8, 0.84], [0.7, 0.73, 0.79], 0.3),
        _ => Material::new(Pattern::Fabric, [0.48, 0.6, 0.6], [0.42, 0.54, 0.55], 0.2),
    }
}
