//! Physical dimensions as exponent vectors.

use std::fmt;

/// A dimension: exponents of length, angle and time. `Length`, `Area`, `Speed`, `Angle/Time` … are
/// particular vectors. Canonical units: metre (or scene unit), degree, second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dim {
    /// Exponent of length.
    pub length: i8,
    /// Exponent of angle.
    pub angle: i8,
    /// Exponent of time.
    pub time: i8,
}

impl Dim {
    /// Dimensionless.
    pub const NONE: Dim = Dim::new(0, 0, 0);
    /// Length.
    pub const LENGTH: Dim = Dim::new(1, 0, 0);
    /// Length squared.
    pub const AREA: Dim = Dim::new(2, 0, 0);
    /// Length cubed.
    pub const VOLUME: Dim = Dim::new(3, 0, 0);
    /// Angle.
    pub const ANGLE: Dim = Dim::new(0, 1, 0);
    /// Time.
    pub const TIME: Dim = Dim::new(0, 0, 1);
    /// Length over time.
    pub const SPEED: Dim = Dim::new(1, 0, -1);
    /// Angle over time.
    pub const TURN_RATE: Dim = Dim::new(0, 1, -1);

    /// The dimension with these exponents.
    pub const fn new(length: i8, angle: i8, time: i8) -> Dim {
        Dim { length, angle, time }
    }

    /// Dimension of a product; exponents saturate (a program cannot reach ±127 by accident).
    #[must_use]
    pub const fn times(self, o: Dim) -> Dim {
        Dim::new(
            self.length.saturating_add(o.length),
            self.angle.saturating_add(o.angle),
            self.time.saturating_add(o.time),
        )
    }

    /// Dimension of a quotient.
    #[must_use]
    pub const fn over(self, o: Dim) -> Dim {
        Dim::new(
            self.length.saturating_sub(o.length),
            self.angle.saturating_sub(o.angle),
            self.time.saturating_sub(o.time),
        )
    }

    /// Dimension of the square root, where every exponent is even.
    pub const fn sqrt(self) -> Option<Dim> {
        if self.length % 2 == 0 && self.angle % 2 == 0 && self.time % 2 == 0 {
            Some(Dim::new(self.length / 2, self.angle / 2, self.time / 2))
        } else {
            None
        }
    }

    /// The type name of a dimension that has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Dim::NONE => "Number",
            Dim::LENGTH => "Length",
            Dim::AREA => "Area",
            Dim::VOLUME => "Volume",
            Dim::ANGLE => "Angle",
            Dim::TIME => "Time",
            Dim::SPEED => "Speed",
            Dim::TURN_RATE => "AngularSpeed",
            _ => return None,
        })
    }

    /// The dimension a type name stands for.
    pub fn from_name(name: &str) -> Option<Dim> {
        [
            Dim::NONE,
            Dim::LENGTH,
            Dim::AREA,
            Dim::VOLUME,
            Dim::ANGLE,
            Dim::TIME,
            Dim::SPEED,
            Dim::TURN_RATE,
        ]
        .into_iter()
        .find(|d| d.name() == Some(name))
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return f.write_str(name);
        }
        let mut first = true;
        for (name, e) in [("Length", self.length), ("Angle", self.angle), ("Time", self.time)] {
            if e == 0 {
                continue;
            }
            if !first {
                f.write_str("·")?;
            }
            first = false;
            if e == 1 { f.write_str(name)? } else { write!(f, "{name}^{e}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_names() {
        assert_eq!(Dim::LENGTH.times(Dim::LENGTH), Dim::AREA);
        assert_eq!(Dim::LENGTH.over(Dim::TIME), Dim::SPEED);
        assert_eq!(Dim::AREA.sqrt(), Some(Dim::LENGTH));
        assert_eq!(Dim::LENGTH.sqrt(), None);
        assert_eq!(Dim::new(4, 0, -1).to_string(), "Length^4·Time^-1");
        assert_eq!(Dim::from_name("AngularSpeed"), Some(Dim::TURN_RATE));
    }
}
