//! Where things are, from the manifest alone: the one definition that both the checker and the run use.

use reasmory_geom::{Point2, Point3, View};
use reasmory_types::Dim;

use crate::Manifest;

/// A region of the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The whole room.
    Room,
    /// The floor.
    Floor,
}

/// Anything that is somewhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// An instance id.
    Object(u32),
    /// Instance ids.
    Objects(Vec<u32>),
    /// A point.
    Point(Point3),
    /// A view: its eye.
    View(View),
    /// A photo: its camera centre.
    Photo(u32),
    /// A region.
    Region(Region),
}

/// Why a place is nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nowhere {
    /// No instance has this id.
    NoInstance(u32),
    /// No photo has this number.
    NoPhoto(u32),
    /// A list without members.
    Empty,
    /// The room of a memory that knows none.
    NoRoom,
    /// The height of a room whose ceiling is not known.
    NoCeiling,
}

impl Manifest {
    /// Centre of a place: of an object's box, of a list the mean of its members' centres, a view's eye, a
    /// photo's camera, of a region the middle of its outline (else of the bounds), on the floor for the
    /// floor and at half height for the room.
    pub fn center(&self, place: &Place) -> Result<Point3, Nowhere> {
        Ok(match place {
            Place::Object(id) => self.box_of(*id)?.center,
            Place::Objects(ids) => {
                let mut sum = Point3::origin();
                for id in ids {
                    sum += self.box_of(*id)?.center.coords;
                }
                if ids.is_empty() {
                    return Err(Nowhere::Empty);
                }
                sum / ids.len() as f64
            }
            Place::Point(p) => *p,
            Place::View(v) => v.eye,
            Place::Photo(n) => self.photo(*n).ok_or(Nowhere::NoPhoto(*n))?.camera_to_world.center,
            Place::Region(region) => {
                let xy = self.plan_center().ok_or(Nowhere::NoRoom)?;
                let height = match (region, &self.room, &self.bounds) {
                    (Region::Floor, ..) | (Region::Room, None, None) => 0.0,
                    (Region::Room, Some(r), _) => r.height().unwrap_or(0.0),
                    (Region::Room, None, Some(b)) => b.max[2] - b.min[2],
                };
                Point3::new(xy.x, xy.y, self.floor() + 0.5 * height)
            }
        })
    }

    /// Heights of the lowest and the highest point of a place, by the boxes of objects.
    pub fn heights(&self, place: &Place) -> Result<(f64, f64), Nowhere> {
        let of = |id: u32| -> Result<(f64, f64), Nowhere> {
            let (lo, hi) = self.box_of(id)?.bounds();
            Ok((lo.z, hi.z))
        };
        Ok(match place {
            Place::Object(id) => of(*id)?,
            Place::Objects(ids) => {
                let mut all = (f64::INFINITY, f64::NEG_INFINITY);
                for id in ids {
                    let (lo, hi) = of(*id)?;
                    all = (all.0.min(lo), all.1.max(hi));
                }
                if ids.is_empty() {
                    return Err(Nowhere::Empty);
                }
                all
            }
            Place::Region(Region::Floor) => (self.floor(), self.floor()),
            Place::Region(Region::Room) => {
                let room = self.room.as_ref().ok_or(Nowhere::NoRoom)?;
                (room.floor, room.ceiling.ok_or(Nowhere::NoCeiling)?)
            }
            Place::Point(_) | Place::View(_) | Place::Photo(_) => {
                let z = self.center(place)?.z;
                (z, z)
            }
        })
    }

    /// Distance between the centres of two places.
    pub fn center_distance(&self, a: &Place, b: &Place) -> Result<f64, Nowhere> {
        Ok((self.center(a)? - self.center(b)?).norm())
    }

    /// Distance between the centres of two places in the floor plane.
    pub fn horizontal_distance(&self, a: &Place, b: &Place) -> Result<f64, Nowhere> {
        Ok((self.center(a)? - self.center(b)?).xy().norm())
    }

    /// Height of the lowest point of a place above the highest of another.
    pub fn height_above(&self, x: &Place, of: &Place) -> Result<f64, Nowhere> {
        Ok(self.heights(x)?.0 - self.heights(of)?.1)
    }

    /// Height of the highest point of a place above the floor.
    pub fn top_height(&self, x: &Place) -> Result<f64, Nowhere> {
        Ok(self.heights(x)?.1 - self.floor())
    }

    /// Distance between the closest points of two objects, or of an object and a point, in a memory
    /// without points, where the boxes are all there is; `None` where it is not the boxes that decide.
    pub fn box_distance(&self, a: &Place, b: &Place) -> Option<f64> {
        if self.points > 0 {
            return None;
        }
        match (a, b) {
            (Place::Object(i), Place::Object(j)) if i == j => Some(0.0),
            (Place::Object(i), Place::Object(j)) => {
                let (i, j) = (*i.min(j), *i.max(j));
                Some(self.box_of(i).ok()?.distance(self.box_of(j).ok()?))
            }
            (Place::Object(i), p @ (Place::Point(_) | Place::View(_) | Place::Photo(_)))
            | (p @ (Place::Point(_) | Place::View(_) | Place::Photo(_)), Place::Object(i)) => {
                Some(self.box_of(*i).ok()?.distance_to_point(self.center(p).ok()?))
            }
            _ => None,
        }
    }

    /// The instance that the memory is most certain of: by confidence, then points, then the lowest id.
    /// `None` of none, and of an id that is no instance.
    pub fn most_certain(&self, ids: &[u32]) -> Option<u32> {
        let mut best: Option<(f32, u64, u32)> = None;
        for id in ids {
            let i = self.instance(*id)?;
            // Ids ascend, so of equals the lowest stays.
            if best.is_none_or(|b| (i.confidence, i.support) > (b.0, b.1)) {
                best = Some((i.confidence, i.support, *id));
            }
        }
        best.map(|b| b.2)
    }

    fn box_of(&self, id: u32) -> Result<&reasmory_geom::Obb, Nowhere> {
        self.instance(id).map(|i| &i.obb).ok_or(Nowhere::NoInstance(id))
    }

    /// Middle of the room in the floor plane: the centroid of its outline, else the middle of the bounds.
    fn plan_center(&self) -> Option<Point2> {
        let outline = self.room.as_ref().map(|r| r.polygon()).unwrap_or_default();
        if outline.len() >= 3 {
            let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
            // Relative to the first corner, so that rooms far from the origin keep their precision.
            let o = outline[0];
            for (i, p) in outline.iter().enumerate() {
                let q = outline[(i + 1) % outline.len()];
                let (p, q) = (p - o, q - o);
                let c = p.x * q.y - q.x * p.y;
                area += 0.5 * c;
                x += c * (p.x + q.x);
                y += c * (p.y + q.y);
            }
            if area != 0.0 {
                return Some(Point2::new(o.x + x / (6.0 * area), o.y + y / (6.0 * area)));
            }
        }
        let b = self.bounds?;
        Some(Point2::new(0.5 * (b.min[0] + b.max[0]), 0.5 * (b.min[1] + b.max[1])))
    }

    /// Standard deviation of a measured quantity of this dimension and size. A length has that of the
    /// difference of two positions; a product of n lengths is treated as the n-th power of one
    /// (first-order propagation); an angle is taken at a quarter of the scene's diagonal.
    pub fn sigma(&self, dim: Dim, value: f64) -> f64 {
        let s = self.uncertainty.position * 2f64.sqrt();
        match dim {
            Dim::LENGTH | Dim::SPEED => s,
            Dim::AREA => 2.0 * value.abs().sqrt() * s,
            Dim::VOLUME => {
                let side = reasmory_geom::math::cbrt(value.abs());
                3.0 * side * side * s
            }
            Dim::ANGLE | Dim::TURN_RATE => {
                reasmory_geom::math::atan2_deg(s, 0.25 * self.diagonal())
            }
            _ => 0.0,
        }
    }
}
