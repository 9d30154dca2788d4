//! PLY files: ascii and binary of both byte orders. Only the vertices are read.

use rayon::prelude::*;
use reasmory_scene::Scale;

use super::{Cloud, Number, Said};

/// Where and what is wrong.
type Fault = (String, String);

const MAX_PROPERTIES: usize = 256;
const INSTANCES: [&str; 5] = ["instance", "instance_id", "object_id", "objectid", "instanceid"];
const CLASSES: [&str; 3] = ["label", "semantic", "class"];
const CONFIDENCES: [&str; 2] = ["confidence", "conf"];

#[derive(Clone, Debug)]
enum Kind {
    One(Number),
    /// Types of the length and of the items.
    List(Number, Number),
}

#[derive(Clone, Debug)]
struct Element {
    name: String,
    count: usize,
    properties: Vec<(String, Kind)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Ascii,
    Little,
    Big,
}

fn number(word: &str) -> Option<Number> {
    Some(match word {
        "char" | "int8" => Number::I8,
        "uchar" | "uint8" => Number::U8,
        "short" | "int16" => Number::I16,
        "ushort" | "uint16" => Number::U16,
        "int" | "int32" => Number::I32,
        "uint" | "uint32" => Number::U32,
        "float" | "float32" => Number::F32,
        "double" | "float64" => Number::F64,
        _ => return None,
    })
}

/// What stands before the rows.
struct Header {
    encoding: Encoding,
    elements: Vec<Element>,
    /// First byte and first line after it.
    at: usize,
    line: usize,
    said: Option<Said>,
}

fn header(data: &[u8]) -> Result<Header, Fault> {
    let (mut at, mut line) = (0, 0);
    let mut said: Option<Said> = None;
    let (mut encoding, mut elements) = (None, Vec::<Element>::new());
    loop {
        line += 1;
        let place = format!("line {line}");
        let fault = |what: &str| (place.clone(), what.to_owned());
        let rest = &data[at..];
        let end = rest.iter().take(1 << 16).position(|b| *b == b'\n');
        let end = end.ok_or_else(|| fault("the header ends without `end_header`"))?;
        let text = String::from_utf8_lossy(&rest[..end]);
        at += end + 1;
        let words: Vec<&str> = text.split_whitespace().collect();
        if line == 1 {
            if words != ["ply"] {
                return Err(fault("is not `ply`, the head of a PLY file"));
            }
            continue;
        }
        match words[..] {
            ["format", kind, _] => {
                encoding = Some(match kind {
                    "ascii" => Encoding::Ascii,
                    "binary_little_endian" => Encoding::Little,
                    "binary_big_endian" => Encoding::Big,
                    _ => return Err(fault("has an encoding that is not known")),
                });
            }
            ["element", name, count] => {
                let count = count.parse().map_err(|_| fault("has no count of elements"))?;
                elements.push(Element { name: name.to_owned(), count, properties: Vec::new() });
            }
            ["property", ref kind @ .., name] => {
                let Some(e) = elements.last_mut() else {
                    return Err(fault("is a property of no element"));
                };
                let kind = match kind {
                    ["list", length, item] => {
                        number(length).zip(number(item)).map(|(l, i)| Kind::List(l, i))
                    }
                    [one] => number(one).map(Kind::One),
                    _ => None,
                };
                let kind = kind.ok_or_else(|| fault("has a type that is not known"))?;
                if e.properties.len() == MAX_PROPERTIES {
                    return Err(fault("is one property too many"));
                }
                e.properties.push((name.to_lowercase(), kind));
            }
            ["end_header"] => {
                let encoding = encoding.ok_or_else(|| fault("comes before `format`"))?;
                return Ok(Header { encoding, elements, at, line, said });
            }
            // What an exported memory says of itself.
            ["comment", "reasmory", "1"] => {
                let up = "The file says that +z is up.".to_owned();
                said = Some(Said { up, ..Said::default() });
            }
            ["comment", "scale", "metric"] => {
                if let Some(s) = &mut said {
                    let why = "the memory that the cloud was exported from was metric";
                    s.scale = Some(Scale::metric(why));
                }
            }
            ["comment", "instance", id, ref name @ ..] => {
                if let (Some(s), Ok(id)) = (&mut said, id.parse())
                    && !name.is_empty()
                {
                    s.categories.insert(id, name.join(" ").to_lowercase());
                }
            }
            _ => {}
        }
    }
}

/// Walks through an element's rows.
struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    line: usize,
    encoding: Encoding,
}

impl<'a> Reader<'a> {
    fn place(&self) -> String {
        match self.encoding {
            Encoding::Ascii => format!("line {}", self.line),
            _ => format!("byte {}", self.at),
        }
    }

    fn cut(&self) -> Fault {
        (self.place(), "the file ends too early".into())
    }

    fn one(&mut self, n: Number) -> Result<f64, Fault> {
        let bytes = self.data.get(self.at..self.at + n.size()).ok_or_else(|| self.cut())?;
        self.at += n.size();
        Ok(n.read(bytes, self.encoding == Encoding::Big))
    }

    /// The next row of an element; a list counts as one value, its length.
    fn row(&mut self, e: &Element, out: &mut Vec<f64>) -> Result<(), Fault> {
        out.clear();
        if self.encoding == Encoding::Ascii {
            return self.text_row(e, out);
        }
        for (_, kind) in &e.properties {
            match kind {
                Kind::One(n) => out.push(self.one(*n)?),
                Kind::List(l, i) => {
                    let length = self.one(*l)?;
                    let left = (self.data.len() - self.at) / i.size();
                    if !(0.0..=left as f64).contains(&length) {
                        let what = format!("a list states {length} items, but {left} would fit");
                        return Err((self.place(), what));
                    }
                    self.at += length as usize * i.size();
                    out.push(length);
                }
            }
        }
        Ok(())
    }

    fn text_row(&mut self, e: &Element, out: &mut Vec<f64>) -> Result<(), Fault> {
        let line: &'a [u8] = loop {
            let rest = self.data.get(self.at..).filter(|r| !r.is_empty());
            let rest = rest.ok_or_else(|| self.cut())?;
            let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            self.at += (end + 1).min(rest.len());
            self.line += 1;
            if !rest[..end].trim_ascii().is_empty() {
                break &rest[..end];
            }
        };
        let text =
            std::str::from_utf8(line).map_err(|_| (self.place(), "is not text".to_owned()))?;
        let mut words = text.split_whitespace();
        for (name, kind) in &e.properties {
            let word = words.next().ok_or_else(|| (self.place(), format!("lacks `{name}`")))?;
            let value: f64 =
                word.parse().map_err(|_| (self.place(), format!("has {word:?} for `{name}`")))?;
            if let Kind::List(..) = kind {
                if !(0.0..=text.len() as f64).contains(&value) {
                    return Err((self.place(), format!("a list states {value} items")));
                }
                for _ in 0..value as usize {
                    words.next();
                }
            }
            out.push(value);
        }
        Ok(())
    }
}

/// Binary rows of one length, one after the other.
struct Rows<'a> {
    data: &'a [u8],
    stride: usize,
    /// Where each property lies in a row.
    fields: Vec<(usize, Number)>,
    big: bool,
}

/// A row of [`Rows`].
struct Row<'a> {
    bytes: &'a [u8],
    rows: &'a Rows<'a>,
}

impl<'a> Rows<'a> {
    /// `None` where the rows are text, have lists or are not all there.
    fn of(reader: &Reader<'a>, e: &Element) -> Option<Rows<'a>> {
        if reader.encoding == Encoding::Ascii {
            return None;
        }
        let (mut fields, mut stride) = (Vec::new(), 0);
        for (_, kind) in &e.properties {
            let Kind::One(n) = kind else { return None };
            fields.push((stride, *n));
            stride += n.size();
        }
        let length = stride.checked_mul(e.count)?;
        let data = reader.data.get(reader.at..)?.get(..length)?;
        let big = reader.encoding == Encoding::Big;
        (stride > 0).then_some(Rows { data, stride, fields, big })
    }

    fn map<T: Send>(&self, of: impl Fn(Row<'_>) -> T + Sync) -> Vec<T> {
        self.data.par_chunks_exact(self.stride).map(|bytes| of(Row { bytes, rows: self })).collect()
    }
}

impl Row<'_> {
    fn value(&self, field: usize) -> f64 {
        let (at, number) = self.rows.fields[field];
        number.read(&self.bytes[at..], self.rows.big)
    }
}

/// Parses a PLY file.
pub(crate) fn parse(data: &[u8]) -> Result<Cloud, Fault> {
    let Header { encoding, elements, at, line, said } = header(data)?;
    let Some(v) = elements.iter().position(|e| e.name == "vertex") else {
        return Err(("header".into(), "has no element `vertex`".into()));
    };
    let mut reader = Reader { data, at, line, encoding };
    let mut row = Vec::new();
    for e in &elements[..v] {
        // Rows without properties take no bytes, so their number would not be bounded by the file.
        for _ in 0..if e.properties.is_empty() { 0 } else { e.count } {
            reader.row(e, &mut row)?;
        }
    }
    let e = &elements[v];
    let find = |names: &[&str]| {
        names.iter().find_map(|n| {
            e.properties.iter().position(|(p, k)| p == n && matches!(k, Kind::One(_)))
        })
    };
    let (Some(x), Some(y), Some(z)) = (find(&["x"]), find(&["y"]), find(&["z"])) else {
        return Err(("header".into(), "the vertices lack x, y and z".into()));
    };
    let color = ["red", "green", "blue"].map(|c| find(&[c, &format!("diffuse_{c}")]));
    let color = match color {
        [Some(r), Some(g), Some(b)] => Some([r, g, b]),
        _ => None,
    };
    // Colours that are not bytes are fractions of 1.
    let byte = color
        .is_some_and(|c| !matches!(e.properties[c[0]].1, Kind::One(Number::F32 | Number::F64)));
    let (instance, class) = (find(&INSTANCES), find(&CLASSES));
    let confidence = find(&CONFIDENCES);
    let mut cloud = Cloud {
        colors: color.map(|_| Vec::new()),
        labels: instance.or(class).map(|_| Vec::new()),
        classes: instance.and(class).map(|_| Vec::new()),
        confidence: confidence.map(|_| Vec::new()),
        viewpoint: [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        said,
        ..Cloud::default()
    };
    // Rows of one length are read at once, unless the file is too short, for then the error tells where.
    if let Some(rows) = Rows::of(&reader, e) {
        cloud.positions = rows.map(|r| [x, y, z].map(|f| r.value(f) as f32));
        let scale = if byte { 1.0 } else { 255.0 };
        let channel = |v: f64| (v * scale).round().clamp(0.0, 255.0) as u8;
        cloud.colors = color.map(|c| rows.map(|r| c.map(|f| channel(r.value(f)))));
        cloud.labels = instance.or(class).map(|f| rows.map(|r| super::label(r.value(f))));
        cloud.classes = instance.and(class).map(|f| rows.map(|r| super::label(r.value(f))));
        cloud.confidence = confidence.map(|f| rows.map(|r| r.value(f) as f32));
        return Ok(cloud);
    }
    for _ in 0..e.count {
        reader.row(e, &mut row)?;
        cloud.positions.push([x, y, z].map(|f| row[f] as f32));
        if let Some((colors, c)) = cloud.colors.as_mut().zip(color) {
            let scale = if byte { 1.0 } else { 255.0 };
            colors.push(c.map(|f| (row[f] * scale).round().clamp(0.0, 255.0) as u8));
        }
        if let Some((labels, f)) = cloud.labels.as_mut().zip(instance.or(class)) {
            labels.push(super::label(row[f]));
        }
        if let Some((classes, f)) = cloud.classes.as_mut().zip(class) {
            classes.push(super::label(row[f]));
        }
        if let Some((all, f)) = cloud.confidence.as_mut().zip(confidence) {
            all.push(row[f] as f32);
        }
    }
    Ok(cloud)
}
