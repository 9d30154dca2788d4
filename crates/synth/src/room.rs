//! Rooms: a floor plan, walls, and furniture that stands where furniture stands.

use reasmory_geom::{Obb, Point3, Vec3};
use reasmory_scene::Room as RoomFacts;

use crate::furniture::{Kind, Model, Surface, bounds};
use crate::material::{Material, Pattern};
use crate::place::{Placer, Plan, Slab, Spot};
use crate::rng::Rng;
use crate::solid::{Frame2, Part};

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
}

/// One line of a recipe: kind, least and greatest number, spot by anchor.
type Line = (&'static str, usize, usize, At);

/// A spot relative to the first piece of a category.
#[derive(Clone, Copy)]
enum At {
    Own,
    On(&'static str),
    Around(&'static str),
    Facing(&'static str),
    Beside(&'static str),
    Opposite(&'static str),
}

const LIVING: &[Line] = &[
    ("tv stand", 1, 1, At::Own),
    ("tv", 1, 1, At::On("tv stand")),
    ("sofa", 1, 1, At::Opposite("tv stand")),
    ("bookshelf", 1, 2, At::Own),
    ("table", 1, 1, At::Own),
    ("chair", 2, 4, At::Around("table")),
    ("rug", 0, 1, At::Own),
    ("coffee table", 1, 1, At::On("rug")),
    ("armchair", 0, 2, At::Own),
    ("lamp", 1, 2, At::Own),
    ("plant", 1, 2, At::Own),
    ("picture", 1, 3, At::Own),
    ("pillow", 1, 3, At::On("sofa")),
    ("vase", 0, 1, At::On("table")),
    ("book", 1, 2, At::On("coffee table")),
    ("trash bin", 0, 1, At::Own),
    ("box", 0, 2, At::Own),
];

const BEDROOM: &[Line] = &[
    ("bed", 1, 1, At::Own),
    ("nightstand", 2, 2, At::Beside("bed")),
    ("table lamp", 1, 1, At::On("nightstand")),
    ("wardrobe", 1, 1, At::Own),
    ("desk", 1, 1, At::Own),
    ("chair", 1, 1, At::Facing("desk")),
    ("monitor", 0, 1, At::On("desk")),
    ("book", 1, 2, At::On("desk")),
    ("dresser", 0, 1, At::Own),
    ("bookshelf", 0, 1, At::Own),
    ("chair", 1, 1, At::Own),
    ("rug", 0, 1, At::Own),
    ("pillow", 2, 2, At::On("bed")),
    ("lamp", 0, 1, At::Own),
    ("plant", 0, 1, At::Own),
    ("picture", 1, 2, At::Own),
    ("trash bin", 1, 1, At::Own),
    ("vase", 0, 1, At::On("dresser")),
    ("box", 0, 2, At::Own),
];

const KITCHEN: &[Line] = &[
    ("refrigerator", 1, 1, At::Own),
    ("stove", 1, 1, At::Own),
    ("sink", 1, 1, At::Beside("stove")),
    ("cabinet", 1, 2, At::Own),
    ("microwave", 1, 1, At::On("cabinet")),
    ("table", 1, 1, At::Own),
    ("chair", 3, 5, At::Around("table")),
    ("vase", 1, 1, At::On("table")),
    ("stool", 0, 2, At::Own),
    ("trash bin", 1, 2, At::Own),
    ("plant", 0, 1, At::Own),
    ("picture", 0, 2, At::Own),
    ("box", 0, 1, At::Own),
];

const OFFICE: &[Line] = &[
    ("desk", 2, 3, At::Own),
    ("office chair", 1, 1, At::Facing("desk")),
    ("monitor", 1, 2, At::On("desk")),
    ("whiteboard", 1, 1, At::Own),
    ("bookshelf", 1, 2, At::Own),
    ("cabinet", 0, 1, At::Own),
    ("sofa", 0, 1, At::Own),
    ("table", 1, 1, At::Own),
    ("chair", 2, 4, At::Around("table")),
    ("book", 1, 2, At::On("table")),
    ("box", 0, 2, At::On("cabinet")),
    ("lamp", 0, 1, At::Own),
    ("plant", 1, 2, At::Own),
    ("trash bin", 1, 2, At::Own),
    ("box", 1, 2, At::Own),
];

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
            put(&mut placer, &mut rng, name, Spot::Own);
        }
        let recipe = match style {
            Style::Living => LIVING,
            Style::Bedroom => BEDROOM,
            Style::Kitchen => KITCHEN,
            Style::Office => OFFICE,
        };
        for (line, &(name, least, most, at)) in recipe.iter().enumerate() {
            // A generator for each line: a piece that fails to fit does not change the rest's look.
            let mut rng = root.fork(100 + line as u64);
            let n = least + rng.below(most - least + 1);
            furnish(&mut placer, &mut rng, name, n, at);
        }
        // However crowded, a room has two seats.
        let seats = placer.pieces.iter().filter(|p| p.category == "chair").count();
        for _ in seats..2 {
            put(&mut placer, &mut rng, "chair", Spot::Own);
        }
        let mut look = root.fork(3);
        let light = light_over(&placer.plan, height);
        let accent = accent_material(&mut look);
        Room {
            seed,
            style,
            outline: placer.plan.outline.clone(),
            height,
            floor: floor_material(&mut look, style),
            wall: wall_material(&mut look),
            accent,
            ceiling: Material::plain([0.93, 0.93, 0.91]),
            light,
            pieces: placer.pieces,
            plan: placer.plan,
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
        }
    }

    /// The piece with this id.
    pub fn piece(&self, id: u32) -> Option<&Piece> {
        self.pieces.get((id as usize).checked_sub(1)?)
    }

    /// Name of the scene.
    pub fn name(&self) -> String {
        let style = match self.style {
            Style::Living => "living",
            Style::Bedroom => "bedroom",
            Style::Kitchen => "kitchen",
            Style::Office => "office",
        };
        format!("synth-{style}-{}", self.seed)
    }

    /// The exact room, as a manifest states it.
    pub fn facts(&self) -> RoomFacts {
        RoomFacts {
            outline: self.outline.clone(),
            floor: 0.0,
            ceiling: Some(self.height),
            stated_area: None,
        }
    }
}

fn light_over(plan: &Plan, height: f64) -> Point3 {
    let share = if plan.notch.is_some() { 0.36 } else { 0.5 };
    Point3::new(plan.width * share, plan.depth * share, height - 0.12)
}

fn put(placer: &mut Placer, rng: &mut Rng, name: &str, spot: Spot) -> Option<usize> {
    placer.place(rng, Kind::named(name)?, spot)
}

/// Indices of the pieces of a category.
fn all(placer: &Placer, name: &str) -> Vec<usize> {
    let of = |i: &usize| placer.pieces[*i].category == name;
    (0..placer.pieces.len()).filter(of).collect()
}

fn furnish(placer: &mut Placer, rng: &mut Rng, name: &str, n: usize, at: At) {
    let Some(kind) = Kind::named(name) else { return };
    match at {
        At::Own => {
            for _ in 0..n {
                placer.place(rng, kind, Spot::Own);
            }
        }
        // Seats around one table are alike.
        At::Around(anchor) => {
            let Some(&table) = all(placer, anchor).first() else { return };
            let model = kind.make(rng);
            for _ in 0..n {
                placer.place_model(rng, kind, model.clone(), Spot::Around(table));
            }
        }
        // Every anchor gets its own.
        At::Facing(anchor) => {
            for i in all(placer, anchor) {
                for _ in 0..n {
                    placer.place(rng, kind, Spot::Facing(i));
                }
            }
        }
        At::Beside(anchor) => {
            let Some(&i) = all(placer, anchor).first() else { return };
            let model = kind.make(rng);
            for _ in 0..n {
                if placer.place_model(rng, kind, model.clone(), Spot::Beside(i)).is_none() {
                    placer.place_model(rng, kind, model.clone(), Spot::Own);
                }
            }
        }
        At::On(anchor) => {
            let anchors = all(placer, anchor);
            for k in 0..n {
                let spot = match anchors.get(k % anchors.len().max(1)) {
                    Some(&i) => Spot::On(i),
                    // What lies on a rug can lie on the floor as well.
                    None if anchor == "rug" => Spot::Own,
                    None => return,
                };
                if placer.place(rng, kind, spot).is_none() && anchor == "rug" {
                    placer.place(rng, kind, Spot::Own);
                }
            }
        }
        At::Opposite(anchor) => {
            for _ in 0..n {
                let spot = all(placer, anchor).first().map_or(Spot::Own, |i| Spot::Opposite(*i));
                let model = kind.make(rng);
                if placer.place_model(rng, kind, model.clone(), spot).is_none() {
                    placer.place_model(rng, kind, model, Spot::Own);
                }
            }
        }
    }
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
