//! The closed set of direction symbols.

use std::fmt;

macro_rules! directions {
    ($($variant:ident $name:literal $spoken:literal $angle:expr),* $(,)?) => {
        /// A direction symbol. `Display` gives the word of the language (`front_left`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Direction { $(#[doc = concat!("`", $name, "`")] $variant),* }

        impl Direction {
            /// Every direction, in the order of the enum.
            pub const ALL: &'static [Direction] = &[$(Direction::$variant),*];

            /// The word of the language.
            pub const fn name(self) -> &'static str {
                match self { $(Direction::$variant => $name),* }
            }

            /// The word as questions and options write it (`front-left`).
            pub const fn spoken(self) -> &'static str {
                match self { $(Direction::$variant => $spoken),* }
            }

            /// Centre of the sector in the horizontal plane: degrees from straight ahead, positive to
            /// the right; `None` for directions that are not horizontal.
            pub const fn sector_center(self) -> Option<f64> {
                match self { $(Direction::$variant => $angle),* }
            }
        }
    };
}

directions! {
    Front "front" "front" Some(0.0),
    Right "right" "right" Some(90.0),
    Back "back" "back" Some(180.0),
    Left "left" "left" Some(-90.0),
    FrontRight "front_right" "front-right" Some(45.0),
    BackRight "back_right" "back-right" Some(135.0),
    BackLeft "back_left" "back-left" Some(-135.0),
    FrontLeft "front_left" "front-left" Some(-45.0),
    Forward "forward" "forward" Some(0.0),
    Backward "backward" "backward" Some(180.0),
    Up "up" "up" None,
    Down "down" "down" None,
    None "none" "none" Option::None,
}

impl Direction {
    /// The direction with this word.
    pub fn named(name: &str) -> Option<Direction> {
        Direction::ALL.iter().copied().find(|d| d.name() == name)
    }

    /// The direction a text means, however it joins its words (`front-left`, `Front Left`).
    pub fn from_spoken(text: &str) -> Option<Direction> {
        let folded: String = text
            .trim()
            .chars()
            .map(|c| if c == '-' || c == ' ' { '_' } else { c.to_ascii_lowercase() })
            .collect();
        Direction::named(&folded)
    }

    /// The direction with this discriminant.
    pub fn from_index(index: u64) -> Option<Direction> {
        Direction::ALL.get(usize::try_from(index).ok()?).copied()
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for &d in Direction::ALL {
            assert_eq!(Direction::named(d.name()), Some(d));
            assert_eq!(Direction::from_spoken(d.spoken()), Some(d));
            assert_eq!(Direction::from_index(d as u64), Some(d));
        }
        assert_eq!(Direction::from_spoken("Front Left"), Some(Direction::FrontLeft));
    }
}
