//! The numbers of every instance, a column for each: what compiled loops read instead of calling an
//! operation per object.
//!
//! A column holds what its operation gives, computed by the same code, so both ways have the same bits.
//! Where an operation would fail for any instance there are no rows at all, and code asks the operation.

use reasmory_scene::Manifest;

/// A number of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `center`, world x; y and z follow.
    CenterX,
    /// World y.
    CenterY,
    /// World z.
    CenterZ,
    /// `size`: length; width and height follow.
    Length,
    /// Width.
    Width,
    /// Height.
    Height,
    /// `volume`.
    Volume,
    /// `top_height`.
    TopHeight,
    /// `confidence`.
    Confidence,
    /// `category`, as a slot.
    Category,
}

impl Column {
    /// How many there are.
    pub const COUNT: usize = 10;
}

/// The columns of a memory; row `i` is the instance with id `i + 1`.
#[derive(Debug, Default)]
pub struct Columns {
    rows: usize,
    columns: [Vec<u64>; Column::COUNT],
}

impl Columns {
    /// The columns of a manifest.
    pub fn new(m: &Manifest) -> Columns {
        let mut columns: [Vec<u64>; Column::COUNT] = Default::default();
        let floor = m.floor();
        for i in &m.instances {
            let (c, size) = (i.obb.center, i.obb.size());
            let numbers = [
                c.x,
                c.y,
                c.z,
                size[0],
                size[1],
                size[2],
                i.obb.volume(),
                i.obb.bounds().1.z - floor,
                f64::from(i.confidence),
            ];
            let known = m.categories.binary_search_by(|c| c.name.as_str().cmp(i.category.as_str()));
            let (Ok(category), true) = (known, numbers.iter().all(|x| x.is_finite())) else {
                return Columns::default();
            };
            let words = numbers.iter().map(|x| x.to_bits()).chain([category as u64]);
            for (column, word) in columns.iter_mut().zip(words) {
                column.push(word);
            }
        }
        Columns { rows: m.instances.len(), columns }
    }

    /// Number of rows, which every column has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All columns, by [`Column`].
    pub fn all(&self) -> &[Vec<u64>; Column::COUNT] {
        &self.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[test]
    fn one_row_an_instance_or_none_at_all() {
        let mut w = World::metric();
        w.object("sofa", [1.0, 2.0, 0.5], [2.0, 1.0, 0.25]);
        w.object("chair", [3.0, 1.0, 0.5], [1.0; 3]);
        let mut m = w.build().manifest().as_ref().clone();
        let columns = Columns::new(&m);
        assert_eq!(columns.rows(), 2);
        let row = columns.all().each_ref().map(|c| c[0]);
        assert_eq!(row[..6], [1.0, 2.0, 0.5, 2.0, 1.0, 0.25].map(f64::to_bits));
        assert_eq!((row[6], row[9]), (0.5f64.to_bits(), 1));
        m.instances[1].category = "unheard of".into();
        assert_eq!(Columns::new(&m).rows(), 0);
        m.instances[1].category = "chair".into();
        m.instances[1].obb.half.x = 1e308;
        assert_eq!(Columns::new(&m).rows(), 0);
    }
}
