//! What a question asks about, and the operations that can tell.

/// A relation or measure that a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// How many.
    Count,
    /// How large a thing is.
    Size,
    /// How large a surface is.
    Area,
    /// How far.
    Distance,
    /// Which is nearest, or farthest.
    Closest,
    /// In which direction, or whether on a given side of a viewer.
    Direction,
    /// Higher or lower.
    Vertical,
    /// Rests on.
    On,
    /// Is inside.
    Inside,
    /// Lies between.
    Between,
    /// Is close to, or touches.
    Near,
    /// Faces.
    Facing,
    /// Can be seen.
    Visible,
    /// Which comes first.
    Order,
    /// Which turn.
    Turn,
}

struct Row {
    relation: Relation,
    /// Words of a question's `relation`.
    words: &'static [&'static str],
    /// Operations and library functions that can tell, the most direct first.
    operations: &'static [&'static str],
}

const DIRECTION: &[&str] = &[
    "side",
    "bearing",
    "quadrant",
    "clock",
    "local",
    "is_left_of",
    "is_right_of",
    "is_in_front_of",
    "is_behind",
    "turn_needed",
    "leftmost",
    "rightmost",
    "left_to_right",
    "ahead",
];
const DISTANCE: &[&str] = &[
    "distance",
    "center_distance",
    "horizontal_distance",
    "clearance",
    "local",
    "center",
    "height_above",
];

const ROWS: &[Row] = &[
    Row {
        relation: Relation::Count,
        words: &["count", "how many"],
        operations: &["count", "count_of", "sum", "group_by"],
    },
    Row {
        relation: Relation::Size,
        words: &["size", "length", "width", "height", "longest side", "volume"],
        operations: &["size", "volume", "footprint", "top_height", "height_above", "room_height"],
    },
    Row {
        relation: Relation::Area,
        words: &["area", "floor area"],
        operations: &["floor_area", "footprint", "footprint_overlap", "size"],
    },
    Row { relation: Relation::Distance, words: &["distance", "far"], operations: DISTANCE },
    Row {
        relation: Relation::Closest,
        words: &["closest", "nearest", "farthest", "furthest"],
        operations: &[
            "nearest",
            "farthest",
            "distance",
            "near_to_far",
            "center_distance",
            "horizontal_distance",
            "local",
            "center",
        ],
    },
    Row {
        relation: Relation::Direction,
        words: &[
            "direction",
            "side",
            "quadrant",
            "left",
            "right",
            "front",
            "behind",
            "back",
            "left of",
            "right of",
            "in front of",
            "ahead",
        ],
        operations: DIRECTION,
    },
    Row {
        relation: Relation::Vertical,
        words: &["above", "below", "over", "under", "higher", "lower", "highest", "lowest"],
        operations: &[
            "is_above",
            "is_below",
            "height_above",
            "top_height",
            "elevation",
            "highest",
            "lowest",
            "is_on",
            "local",
            "center",
        ],
    },
    Row {
        relation: Relation::On,
        words: &["on", "on top of"],
        operations: &["is_on", "is_touching", "is_above", "is_below"],
    },
    Row { relation: Relation::Inside, words: &["inside", "in"], operations: &["is_inside"] },
    Row {
        relation: Relation::Between,
        words: &["between"],
        operations: &["is_between", "angle_at"],
    },
    Row {
        relation: Relation::Near,
        words: &["near", "touching", "next to"],
        operations: &[
            "is_near",
            "is_touching",
            "distance",
            "center_distance",
            "horizontal_distance",
            "nearest",
            "clearance",
        ],
    },
    Row {
        relation: Relation::Facing,
        words: &["facing", "faces"],
        operations: &["is_facing", "bearing", "side"],
    },
    Row {
        relation: Relation::Visible,
        words: &["visible", "sees", "seen", "visibility"],
        operations: &[
            "sees",
            "visible_from",
            "in_view",
            "visible_fraction",
            "occluders",
            "photos_seeing",
            "photos_of_both",
            "best_photo_of",
            "first_seen",
            "last_seen",
        ],
    },
    Row {
        relation: Relation::Order,
        words: &["order", "appearance order", "first", "last"],
        operations: &["first_seen", "last_seen", "appearance_order", "photos_seeing"],
    },
    Row {
        relation: Relation::Turn,
        words: &["turn", "route"],
        operations: &["turn_needed", "bearing", "side"],
    },
];

impl Relation {
    fn row(self) -> &'static Row {
        ROWS.iter().find(|r| r.relation == self).unwrap_or(&ROWS[0])
    }

    /// The relation with this word.
    pub fn named(word: &str) -> Option<Relation> {
        let folded = word.trim().to_ascii_lowercase().replace(['_', '-'], " ");
        ROWS.iter().find(|r| r.words.contains(&folded.as_str())).map(|r| r.relation)
    }

    /// Every word that names a relation.
    pub fn words() -> impl Iterator<Item = &'static str> {
        ROWS.iter().flat_map(|r| r.words.iter().copied())
    }

    /// The word that messages use.
    pub fn name(self) -> &'static str {
        self.row().words[0]
    }

    /// Operations and library functions that can tell, the most direct first.
    pub fn operations(self) -> &'static [&'static str] {
        self.row().operations
    }

    /// Whether it is judged from where somebody stands and looks.
    pub fn needs_view(self) -> bool {
        matches!(self, Relation::Direction | Relation::Visible | Relation::Turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_name_operations_that_exist() {
        let mut words: Vec<&str> = Relation::words().collect();
        for row in ROWS {
            assert_eq!(Relation::named(row.words[0]), Some(row.relation));
            for o in row.operations {
                assert!(crate::catalogue::find(o).is_some(), "`{o}` is no operation");
            }
        }
        let n = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), n, "a word names two relations");
    }
}
