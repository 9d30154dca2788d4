//! Errors of known size: the one place that says how memories, cameras, depth, masks and labels err.
//!
//! Each error has a name, a unit and a range ([`KEYS`]), so that a study can state what it did. Draws are made
//! for every instance, mask and pixel whether they are used or not: one error does not change another.

mod frames;
mod memory;

pub use memory::degraded;

/// How recording and remembering err; the default errs nowhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degradation {
    /// Standard deviation of a camera's place along each axis, metres.
    pub place: f64,
    /// Standard deviation of a camera's turn about each axis, degrees.
    pub turn: f64,
    /// Standard deviation of a depth, relative to it.
    pub depth: f64,
    /// Part of the depth pixels that are missing.
    pub holes: f64,
    /// Furthest shift of a mask along each axis, pixels.
    pub shift: u32,
    /// Pixels that masks are eroded by.
    pub eroded: u32,
    /// Part of the masks that are missing.
    pub mask_missing: f64,
    /// Part of the masks with the label of another mask's thing.
    pub mask_mislabelled: f64,
    /// Standard deviation of an instance's place along each axis, metres.
    pub position: f64,
    /// Standard deviation of each of its lengths, relative to it.
    pub extent: f64,
    /// Standard deviation of its turn about the vertical, degrees.
    pub yaw: f64,
    /// Part of the instances with the category of another.
    pub mislabelled: f64,
    /// Part of the instances that are missing.
    pub missing: f64,
    /// Part of the instances that are there twice, the second about 10 cm off.
    pub duplicated: f64,
    /// Whether all lengths are multiplied by an unknown factor of 1/3 to 3, and the memory says that it has no
    /// scale.
    pub unscaled: bool,
    /// The stated standard deviation of a position, relative to the true one: 1 is honest, 0 claims exactness.
    pub stated: f64,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for Degradation {
    fn default() -> Self {
        Degradation {
            place: 0.0,
            turn: 0.0,
            depth: 0.0,
            holes: 0.0,
            shift: 0,
            eroded: 0,
            mask_missing: 0.0,
            mask_mislabelled: 0.0,
            position: 0.0,
            extent: 0.0,
            yaw: 0.0,
            mislabelled: 0.0,
            missing: 0.0,
            duplicated: 0.0,
            unscaled: false,
            stated: 1.0,
            seed: 1,
        }
    }
}

/// An error that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Its name in options.
    pub name: &'static str,
    /// Least and greatest value.
    pub range: [f64; 2],
    /// What it is, with its unit.
    pub what: &'static str,
    /// Whether a memory errs by it (else only what is recorded).
    pub of_memory: bool,
}

const fn key(name: &'static str, most: f64, of_memory: bool, what: &'static str) -> Key {
    Key { name, range: [0.0, most], what, of_memory }
}

/// Names, ranges and meanings.
pub const KEYS: [Key; 17] = [
    key("place-noise", 10.0, true, "standard deviation of a camera's place along each axis, m"),
    key("turn-noise", 90.0, true, "standard deviation of a camera's turn about each axis, degrees"),
    key("depth-noise", 1.0, false, "standard deviation of a depth, relative to it"),
    key("depth-holes", 1.0, false, "part of the depth pixels that are missing"),
    key("mask-shift", 100.0, false, "furthest shift of a mask along each axis, pixels"),
    key("mask-erode", 100.0, false, "pixels that masks are eroded by"),
    key("mask-missing", 1.0, false, "part of the masks that are missing"),
    key("mask-mislabelled", 1.0, false, "part of the masks with the label of another thing"),
    key("position", 10.0, true, "standard deviation of an instance's place along each axis, m"),
    key("extent", 1.0, true, "standard deviation of each of its lengths, relative to it"),
    key("yaw", 180.0, true, "standard deviation of its turn about the vertical, degrees"),
    key("mislabelled", 1.0, true, "part of the instances with the category of another"),
    key("missing", 1.0, true, "part of the instances that are missing"),
    key("duplicated", 1.0, true, "part of the instances that are there twice, 10 cm apart"),
    key("unscaled", 1.0, true, "1: lengths times an unknown factor, the memory without a scale"),
    key(
        "stated",
        100.0,
        true,
        "the stated standard deviation, relative to the true one (1: honest)",
    ),
    key("noise-seed", 1e9, true, "seed of all draws"),
];

impl Degradation {
    /// Sets one error by its name. The message says what is wrong.
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), String> {
        let Some(key) = KEYS.iter().find(|k| k.name == name) else {
            let all: Vec<&str> = KEYS.iter().map(|k| k.name).collect();
            return Err(format!("`{name}` is no degradation; there are {}", all.join(", ")));
        };
        let [lo, hi] = key.range;
        if !(lo..=hi).contains(&value) {
            return Err(format!("`{name}={value}` is not from {lo} to {hi}"));
        }
        match name {
            "place-noise" => self.place = value,
            "turn-noise" => self.turn = value,
            "depth-noise" => self.depth = value,
            "depth-holes" => self.holes = value,
            "mask-shift" => self.shift = value as u32,
            "mask-erode" => self.eroded = value as u32,
            "mask-missing" => self.mask_missing = value,
            "mask-mislabelled" => self.mask_mislabelled = value,
            "position" => self.position = value,
            "extent" => self.extent = value,
            "yaw" => self.yaw = value,
            "mislabelled" => self.mislabelled = value,
            "missing" => self.missing = value,
            "duplicated" => self.duplicated = value,
            "unscaled" => self.unscaled = value > 0.0,
            "stated" => self.stated = value,
            _ => self.seed = value as u64,
        }
        Ok(())
    }

    /// Reads `name=value,name=value`; a name alone is 1.
    pub fn parse(text: &str) -> Result<Degradation, String> {
        let mut out = Degradation::default();
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, "1"));
            let value: f64 =
                value.trim().parse().map_err(|_| format!("`{part}`: `{value}` is no number"))?;
            out.set(name.trim(), value)?;
        }
        Ok(out)
    }

    /// Its value of an error.
    pub fn get(&self, key: &Key) -> f64 {
        match key.name {
            "place-noise" => self.place,
            "turn-noise" => self.turn,
            "depth-noise" => self.depth,
            "depth-holes" => self.holes,
            "mask-shift" => f64::from(self.shift),
            "mask-erode" => f64::from(self.eroded),
            "mask-missing" => self.mask_missing,
            "mask-mislabelled" => self.mask_mislabelled,
            "position" => self.position,
            "extent" => self.extent,
            "yaw" => self.yaw,
            "mislabelled" => self.mislabelled,
            "missing" => self.missing,
            "duplicated" => self.duplicated,
            "unscaled" => f64::from(u8::from(self.unscaled)),
            "stated" => self.stated,
            _ => self.seed as f64,
        }
    }
}

/// What [`Degradation::parse`] reads: the errors that are not those of the default.
impl std::fmt::Display for Degradation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = Degradation::default();
        let said: Vec<String> = KEYS
            .iter()
            .filter(|k| self.get(k) != plain.get(k))
            .map(|k| format!("{}={}", k.name, self.get(k)))
            .collect();
        f.write_str(&said.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read() {
        let mut d = Degradation::default();
        for (i, k) in KEYS.iter().enumerate() {
            let value = if k.range[1] > 1.0 { 2.0 + i as f64 } else { 1.0 };
            d.set(k.name, value).unwrap();
            assert_eq!(d.get(k), value, "{}", k.name);
        }
        assert_eq!(Degradation::parse(&d.to_string()), Ok(d));
        assert_eq!(Degradation::parse("").unwrap().to_string(), "");
        let e = |text: &str| Degradation::parse(text).unwrap_err();
        assert!(e("positoin=1").contains("there are place-noise"));
        assert!(e("missing=1.5").contains("from 0 to 1") && e("yaw=x").contains("no number"));
        assert!(e("yaw=NaN").contains("is not from"));
    }
}
