//! What stands beside a model: `MODEL.onnx.json` says what goes in and what comes out (`spec/json/onnx-model.v1.json`).

use serde_json::{Map, Value};

use crate::OnnxError;
use crate::resample::Kernel;

/// Most pixels of an input's side.
const MAX_SIDE: u64 = 8192;

/// Order of an input's dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Batch, channel, row, column.
    Nchw,
    /// Batch, row, column, channel.
    Nhwc,
}

/// Size of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Columns and rows.
    Fixed(usize, usize),
    /// With the picture's proportions: its shorter side, both sides rounded to a multiple.
    Shorter(usize, usize),
    /// With the picture's proportions: its longer side, both sides rounded to a multiple.
    Longer(usize, usize),
}

/// How a picture is fitted into a fixed size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fit {
    /// Both sides are stretched.
    Stretch,
    /// Proportions are kept; the rest, the same on both sides, has this value (0 to 255).
    Letterbox(f32),
}

/// What a model is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Name; the model's only input where `None`.
    pub name: Option<String>,
    /// Order of dimensions.
    pub layout: Layout,
    /// Whether channels are blue, green, red.
    pub bgr: bool,
    /// Size.
    pub size: Size,
    /// How pictures are fitted.
    pub fit: Fit,
    /// Kernel of resizing.
    pub kernel: Kernel,
    /// Values (0 to 255) are multiplied by this,
    pub scale: f32,
    /// less this,
    pub mean: [f32; 3],
    /// over this.
    pub std: [f32; 3],
}

/// What a depth model's numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// z-depth in metres.
    Metric,
    /// z-depth but for a factor and a summand.
    Affine,
    /// Inverse z-depth but for a factor and a summand.
    Inverse,
}

/// Corners of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corners {
    /// Middle, width, height.
    Middle,
    /// Left, top, right, bottom.
    Ends,
}

/// What a class's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scores {
    /// A probability.
    Plain,
    /// Its logit, each for itself.
    Sigmoid,
    /// Its logit against all others; one column more than classes means none of them.
    Softmax,
}

/// A detector's outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// Tensor of boxes.
    pub boxes: String,
    /// Tensor of scores; the same where they stand behind the boxes' four numbers.
    pub scores: String,
    /// Whether a box is a column of its tensor (`[4 + classes, boxes]`) and not a row.
    pub columns: bool,
    /// What four numbers are.
    pub corners: Corners,
    /// Whether they are parts of the input's size and not its pixels.
    pub fractions: bool,
    /// What scores are.
    pub meaning: Scores,
    /// Least score.
    pub threshold: f32,
    /// Boxes of a class that have more in common (intersection over union) are one.
    pub overlap: Option<f32>,
    /// Tensor of mask prototypes; the coefficients stand behind a box's scores.
    pub masks: Option<String>,
}

/// What comes out.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Depth of every pixel.
    Depth {
        /// Tensor.
        name: Option<String>,
        /// Its meaning.
        meaning: Depth,
    },
    /// Labelled boxes, or masks in them.
    Boxes(Boxes),
    /// A class for every pixel.
    Classes {
        /// Tensor of logits, a class a channel.
        name: Option<String>,
        /// Least probability of a piece.
        threshold: f32,
        /// Classes that are no things.
        stuff: Vec<String>,
        /// Least part of the picture that a piece has.
        least: f32,
    },
}

/// A sidecar.
#[derive(Clone, Debug, PartialEq)]
pub struct Sidecar {
    /// The model's name, for people.
    pub name: String,
    /// What goes in.
    pub input: Input,
    /// What comes out.
    pub output: Output,
    /// Names of classes, lower case, in order.
    pub classes: Vec<String>,
}

struct At<'a> {
    map: &'a Map<String, Value>,
    place: &'static str,
}

type Read<T> = Result<T, String>;

impl<'a> At<'a> {
    fn of(v: &'a Value, place: &'static str) -> Read<At<'a>> {
        v.as_object().map(|map| At { map, place }).ok_or_else(|| format!("`{place}` is no object"))
    }

    fn only(&self, names: &[&str]) -> Read<()> {
        match self.map.keys().find(|k| !names.contains(&k.as_str())) {
            Some(k) => {
                Err(format!("`{}` has no member `{k}`; it has {}", self.place, names.join(", ")))
            }
            None => Ok(()),
        }
    }

    fn text(&self, name: &str) -> Read<Option<&'a str>> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(s)) if !s.is_empty() => Ok(Some(s)),
            Some(_) => Err(format!("`{}.{name}` is no text", self.place)),
        }
    }

    fn one_of<T: Copy>(&self, name: &str, table: &[(&str, T)], usual: Option<T>) -> Read<T> {
        let known = || table.iter().map(|t| t.0).collect::<Vec<_>>().join(", ");
        match (self.text(name)?, usual) {
            (Some(s), _) => {
                table.iter().find(|t| t.0 == s).map(|t| t.1).ok_or_else(|| {
                    format!("`{}.{name}` is `{s}`, not one of {}", self.place, known())
                })
            }
            (None, Some(usual)) => Ok(usual),
            (None, None) => Err(format!("`{}.{name}` is missing: one of {}", self.place, known())),
        }
    }

    fn number(&self, name: &str, usual: f32, least: f64, most: f64) -> Read<f32> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(usual),
            Some(v) => match v.as_f64() {
                Some(x) if (least..=most).contains(&x) => Ok(x as f32),
                _ => Err(format!("`{}.{name}` is no number from {least} to {most}", self.place)),
            },
        }
    }

    fn three(&self, name: &str, usual: f32) -> Read<[f32; 3]> {
        let bad = || format!("`{}.{name}` is not three numbers", self.place);
        let Some(v) = self.map.get(name) else { return Ok([usual; 3]) };
        let all: Option<Vec<f32>> =
            v.as_array().ok_or_else(bad)?.iter().map(|x| x.as_f64().map(|x| x as f32)).collect();
        let all: [f32; 3] = all.ok_or_else(bad)?.try_into().map_err(|_| bad())?;
        all.iter().all(|x| x.is_finite()).then_some(all).ok_or_else(bad)
    }

    fn texts(&self, name: &str) -> Read<Vec<String>> {
        let Some(v) = self.map.get(name) else { return Ok(vec![]) };
        let bad = || format!("`{}.{name}` is no list of names", self.place);
        let all: Option<Vec<String>> = v
            .as_array()
            .ok_or_else(bad)?
            .iter()
            .map(|s| s.as_str().map(|s| s.trim().to_lowercase()))
            .collect();
        all.filter(|l| l.iter().all(|s| !s.chars().any(char::is_control))).ok_or_else(bad)
    }
}

fn size(v: Option<&Value>) -> Read<Size> {
    const BAD: &str = "`input.size` is neither [columns, rows] nor {\"shorter\": N, \"multiple\": M} nor \
                       {\"longer\": N, \"multiple\": M}";
    let side = |v: &Value| v.as_u64().filter(|n| (1..=MAX_SIDE).contains(n)).map(|n| n as usize);
    match v {
        Some(Value::Array(a)) if a.len() == 2 => match (side(&a[0]), side(&a[1])) {
            (Some(w), Some(h)) => Ok(Size::Fixed(w, h)),
            _ => Err(format!("{BAD}, from 1 to {MAX_SIDE}")),
        },
        Some(Value::Object(o)) => {
            let multiple = o.get("multiple").map_or(Some(1), side);
            let known = o.keys().all(|k| ["shorter", "longer", "multiple"].contains(&k.as_str()));
            match (o.get("shorter").and_then(side), o.get("longer").and_then(side), multiple) {
                (Some(n), None, Some(m)) if known => Ok(Size::Shorter(n, m)),
                (None, Some(n), Some(m)) if known => Ok(Size::Longer(n, m)),
                _ => Err(BAD.into()),
            }
        }
        _ => Err(BAD.into()),
    }
}

fn input(v: &Value) -> Read<Input> {
    let a = At::of(v, "input")?;
    a.only(&[
        "name", "layout", "channels", "size", "fit", "pad", "resample", "scale", "mean", "std",
    ])?;
    let pad = a.number("pad", 114.0, 0.0, 255.0)?;
    let size = size(a.map.get("size"))?;
    let letterbox = a.one_of("fit", &[("stretch", false), ("letterbox", true)], Some(false))?;
    if letterbox && !matches!(size, Size::Fixed(..)) {
        return Err("`input.fit` is `letterbox`, but the size has the picture's proportions".into());
    }
    let kernel = a.text("resample")?.unwrap_or("bilinear");
    let kernel = Kernel::named(kernel).ok_or_else(|| {
        format!("`input.resample` is `{kernel}`, not one of bilinear, bicubic, pillow-bilinear, pillow-bicubic")
    })?;
    let std = a.three("std", 1.0)?;
    if std.iter().any(|s| *s <= 0.0) {
        return Err("`input.std` is not three positive numbers".into());
    }
    Ok(Input {
        name: a.text("name")?.map(str::to_owned),
        layout: a.one_of(
            "layout",
            &[("nchw", Layout::Nchw), ("nhwc", Layout::Nhwc)],
            Some(Layout::Nchw),
        )?,
        bgr: a.one_of("channels", &[("rgb", false), ("bgr", true)], Some(false))?,
        size,
        fit: if letterbox { Fit::Letterbox(pad) } else { Fit::Stretch },
        kernel,
        scale: a.number("scale", 1.0 / 255.0, 1e-9, 1e9)?,
        mean: a.three("mean", 0.0)?,
        std,
    })
}

fn output(v: &Value) -> Read<Output> {
    let a = At::of(v, "output")?;
    const KINDS: [(&str, u8); 3] = [("depth", 0), ("boxes", 1), ("classes", 2)];
    match a.one_of("kind", &KINDS, None)? {
        0 => {
            a.only(&["kind", "name", "meaning"])?;
            let known =
                [("metric", Depth::Metric), ("affine", Depth::Affine), ("inverse", Depth::Inverse)];
            let name = a.text("name")?.map(str::to_owned);
            Ok(Output::Depth { name, meaning: a.one_of("meaning", &known, None)? })
        }
        1 => {
            a.only(&[
                "kind",
                "boxes",
                "scores",
                "order",
                "corners",
                "unit",
                "meaning",
                "threshold",
                "overlap",
                "masks",
            ])?;
            let boxes = a.text("boxes")?.ok_or("`output.boxes` is missing: the tensor of boxes")?;
            let scores = a.text("scores")?.unwrap_or(boxes);
            let known = [
                ("probability", Scores::Plain),
                ("sigmoid", Scores::Sigmoid),
                ("softmax", Scores::Softmax),
            ];
            let overlap = match a.map.get("overlap") {
                None | Some(Value::Null) => None,
                Some(_) => Some(a.number("overlap", 0.5, 0.0, 1.0)?),
            };
            let masks = a.text("masks")?.map(str::to_owned);
            if masks.is_some() && scores != boxes {
                return Err(
                    "`output.masks` needs boxes, scores and coefficients in one tensor".into()
                );
            }
            Ok(Output::Boxes(Boxes {
                boxes: boxes.to_owned(),
                scores: scores.to_owned(),
                columns: a.one_of("order", &[("rows", false), ("columns", true)], Some(false))?,
                corners: a.one_of(
                    "corners",
                    &[("cxcywh", Corners::Middle), ("xyxy", Corners::Ends)],
                    None,
                )?,
                fractions: a.one_of("unit", &[("pixels", false), ("fractions", true)], None)?,
                meaning: a.one_of("meaning", &known, None)?,
                threshold: a.number("threshold", 0.25, 0.0, 1.0)?,
                overlap,
                masks,
            }))
        }
        _ => {
            a.only(&["kind", "name", "threshold", "stuff", "least"])?;
            Ok(Output::Classes {
                name: a.text("name")?.map(str::to_owned),
                threshold: a.number("threshold", 0.5, 0.0, 1.0)?,
                stuff: a.texts("stuff")?,
                least: a.number("least", 0.001, 0.0, 1.0)?,
            })
        }
    }
}

fn read(text: &str) -> Read<Sidecar> {
    let v: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let a = At::of(&v, "the sidecar")?;
    a.only(&["schema", "name", "input", "output", "classes"])?;
    if v["schema"] != 1 {
        return Err("`schema` is not 1".into());
    }
    let s = Sidecar {
        name: a.text("name")?.ok_or("`name` is missing")?.to_owned(),
        input: input(v.get("input").ok_or("`input` is missing")?)?,
        output: output(v.get("output").ok_or("`output` is missing")?)?,
        classes: a.texts("classes")?,
    };
    if s.classes.is_empty() && !matches!(s.output, Output::Depth { .. }) {
        return Err("`classes` is missing: the names of the model's classes, in order".into());
    }
    if s.name.chars().any(char::is_control) {
        return Err("`name` has control characters".into());
    }
    Ok(s)
}

impl Sidecar {
    /// Reads a sidecar; `file` is its name in messages.
    pub fn parse(text: &str, file: &str) -> Result<Sidecar, OnnxError> {
        read(text).map_err(|e| {
            OnnxError::given(
                format!("{file}: {e}"),
                "see spec/frontends.md for what a sidecar says",
            )
        })
    }
}

/// Reads any text as a sidecar: it is one, or refused. For fuzzing.
pub fn fuzz_sidecar(text: &str) {
    if let Ok(s) = Sidecar::parse(text, "-") {
        assert!(s.input.std.iter().all(|x| *x > 0.0) && s.input.scale > 0.0);
        assert!(matches!(s.output, Output::Depth { .. }) || !s.classes.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"schema": 1, "name": "d", "input": {"size": {"shorter": 518, "multiple": 14},
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "resample": "bicubic"},
        "output": {"kind": "depth", "meaning": "inverse"}}"#;

    #[test]
    fn sidecars_are_read_or_refused() {
        let s = Sidecar::parse(GOOD, "-").unwrap();
        assert_eq!(s.input.size, Size::Shorter(518, 14));
        assert_eq!(s.output, Output::Depth { name: None, meaning: Depth::Inverse });
        for (from, to, says) in [
            ("\"inverse\"", "\"disparity\"", "not one of metric, affine, inverse"),
            ("\"depth\"", "\"points\"", "not one of depth, boxes, classes"),
            ("\"depth\"", "\"classes\"", "no member `meaning`"),
            ("\"schema\": 1", "\"schema\": 2", "`schema` is not 1"),
            ("0.225", "0", "positive"),
            ("0.225", "\"x\"", "three numbers"),
            ("518", "0", "input.size"),
            ("bicubic", "nearest", "pillow-bilinear"),
            ("\"mean\"", "\"means\"", "no member `means`"),
            ("}}", "}", "EOF"),
        ] {
            let e = Sidecar::parse(&GOOD.replace(from, to), "m.onnx.json").unwrap_err();
            assert!(e.what.contains(says) && e.what.starts_with("m.onnx.json: "), "{e}");
        }
        let no_classes =
            r#"{"schema":1,"name":"s","input":{"size":[8,8]},"output":{"kind":"classes"}}"#;
        assert!(Sidecar::parse(no_classes, "-").unwrap_err().what.contains("`classes` is missing"));
    }

    #[test]
    fn any_text_is_read_or_refused() {
        for i in (0..GOOD.len()).filter(|i| GOOD.is_char_boundary(*i)) {
            fuzz_sidecar(&GOOD[..i]);
            for c in ["9", "\"", "[", "}", "-1e40", "null"] {
                fuzz_sidecar(&format!("{}{c}{}", &GOOD[..i], &GOOD[i + 1..]));
            }
        }
    }
}
