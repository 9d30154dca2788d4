//! The closed list of units of measure. The lexer, the checker, the formatter of answers and the
//! documentation all read it from here.

use crate::Dim;

/// A unit: a spelling, a dimension and the factor to the canonical unit (metre, degree, second, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// As written after a number or after `as`.
    pub name: &'static str,
    /// Its dimension.
    pub dim: Dim,
    /// A value in this unit times `factor` is the value in the canonical unit.
    pub factor: f64,
}

const DEG_PER_RAD: f64 = 180.0 / std::f64::consts::PI;

/// Every unit, in the order in which documentation lists them. Exact by definition: the international
/// inch is 0.0254 m and the foot 0.3048 m (NIST SP 811, appendix B).
pub const UNITS: &[Unit] = &[
    Unit { name: "mm", dim: Dim::LENGTH, factor: 0.001 },
    Unit { name: "cm", dim: Dim::LENGTH, factor: 0.01 },
    Unit { name: "m", dim: Dim::LENGTH, factor: 1.0 },
    Unit { name: "km", dim: Dim::LENGTH, factor: 1000.0 },
    Unit { name: "in", dim: Dim::LENGTH, factor: 0.0254 },
    Unit { name: "ft", dim: Dim::LENGTH, factor: 0.3048 },
    Unit { name: "deg", dim: Dim::ANGLE, factor: 1.0 },
    Unit { name: "rad", dim: Dim::ANGLE, factor: DEG_PER_RAD },
    Unit { name: "s", dim: Dim::TIME, factor: 1.0 },
    Unit { name: "ms", dim: Dim::TIME, factor: 0.001 },
    Unit { name: "min", dim: Dim::TIME, factor: 60.0 },
    Unit { name: "m2", dim: Dim::AREA, factor: 1.0 },
    Unit { name: "cm2", dim: Dim::AREA, factor: 0.0001 },
    Unit { name: "m3", dim: Dim::VOLUME, factor: 1.0 },
    Unit { name: "m/s", dim: Dim::SPEED, factor: 1.0 },
    Unit { name: "km/h", dim: Dim::SPEED, factor: 1.0 / 3.6 },
    Unit { name: "deg/s", dim: Dim::TURN_RATE, factor: 1.0 },
    Unit { name: "%", dim: Dim::NONE, factor: 0.01 },
];

impl Unit {
    /// The unit with this spelling.
    pub fn named(name: &str) -> Option<&'static Unit> {
        UNITS.iter().find(|u| u.name == name)
    }

    /// Index in [`UNITS`].
    pub fn index(&self) -> usize {
        UNITS.iter().position(|u| u.name == self.name).unwrap_or(0)
    }

    /// The longest unit that `text` starts with and that does not run on into a longer word.
    pub fn longest_prefix(text: &str) -> Option<&'static Unit> {
        UNITS
            .iter()
            .filter(|u| text.starts_with(u.name))
            .filter(|u| {
                let rest = text[u.name.len()..].chars().next();
                u.name == "%" || !rest.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            })
            .max_by_key(|u| u.name.len())
    }

    /// A value of the canonical unit expressed in this unit. Where the factor is the reciprocal of a
    /// whole number the value is multiplied by that number, so `1.5 m` is exactly `150 cm`.
    pub fn from_canonical(&self, value: f64) -> f64 {
        let inverse = (1.0 / self.factor).round();
        if self.factor < 1.0 && 1.0 / inverse == self.factor {
            value * inverse
        } else {
            value / self.factor
        }
    }

    /// A value of this unit expressed in the canonical unit, by division where that is the exact way
    /// (`40cm` is `40 / 100`, the double nearest to 0.4).
    pub fn to_canonical(&self, value: f64) -> f64 {
        let inverse = (1.0 / self.factor).round();
        if self.factor < 1.0 && 1.0 / inverse == self.factor {
            value / inverse
        } else {
            value * self.factor
        }
    }

    /// The unit answers of this dimension are printed in when the program does not say.
    pub fn default_for(dim: Dim) -> Option<&'static Unit> {
        Unit::named(match dim {
            Dim::LENGTH => "m",
            Dim::AREA => "m2",
            Dim::VOLUME => "m3",
            Dim::ANGLE => "deg",
            Dim::TIME => "s",
            Dim::SPEED => "m/s",
            Dim::TURN_RATE => "deg/s",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_match_and_word_boundary() {
        let name = |s| Unit::longest_prefix(s).map(|u| u.name);
        assert_eq!(name("m/s"), Some("m/s"));
        assert_eq!(name("m / s"), Some("m"));
        assert_eq!(name("m2)"), Some("m2"));
        assert_eq!(name("meters"), None);
        assert_eq!(name("deg/s"), Some("deg/s"));
        assert_eq!(name("m/second"), Some("m"));
        assert_eq!(name("min"), Some("min"));
        assert_eq!(name("%"), Some("%"));
    }

    #[test]
    fn decimal_units_are_the_nearest_double() {
        assert_eq!(Unit::named("cm").unwrap().to_canonical(40.0), 0.4);
        assert_eq!(Unit::named("cm").unwrap().from_canonical(1.5), 150.0);
        assert_eq!(Unit::named("%").unwrap().to_canonical(25.0), 0.25);
        assert_eq!(Unit::named("rad").unwrap().to_canonical(std::f64::consts::PI), 180.0);
    }
}
