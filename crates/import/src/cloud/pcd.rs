//! PCD files: `ascii`, `binary` and `binary_compressed`.

use super::lzf::inflate;
use super::{Cloud, Number};

/// Where and what is wrong.
type Fault = (String, String);

/// Most fields of a point.
const MAX_FIELDS: usize = 256;
const INSTANCES: [&str; 5] = ["label", "instance", "instance_id", "object", "object_id"];

#[derive(Clone, Debug)]
struct Field {
    name: String,
    number: Number,
    count: usize,
    /// Bytes before it in a point.
    offset: usize,
}

struct Header {
    fields: Vec<Field>,
    /// Bytes of a point.
    stride: usize,
    points: usize,
    organised: Option<(usize, usize)>,
    viewpoint: [f64; 7],
    encoding: String,
    /// Where the data begins.
    start: usize,
    /// Lines of the header.
    lines: usize,
}

fn header(data: &[u8]) -> Result<Header, Fault> {
    let (mut at, mut line) = (0, 0);
    let (mut names, mut sizes, mut kinds, mut counts) = (vec![], vec![], vec![], vec![]);
    let (mut width, mut height, mut points) = (None, None, None);
    let mut viewpoint = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    loop {
        let rest = &data[at..];
        line += 1;
        let place = format!("line {line}");
        let end = rest.iter().take(1 << 16).position(|b| *b == b'\n');
        let Some(end) = end else {
            return Err((place, "the header ends without a DATA line".into()));
        };
        let text = std::str::from_utf8(&rest[..end])
            .map_err(|_| (place.clone(), "the header is not text".to_owned()))?
            .trim();
        at += end + 1;
        let mut words = text.split_whitespace();
        let key = words.next().unwrap_or_default();
        let values: Vec<&str> = words.collect();
        let one = || -> Result<usize, Fault> {
            let n = values.first().and_then(|w| w.parse().ok());
            n.ok_or_else(|| (place.clone(), format!("`{text}` has no count")))
        };
        if values.len() > MAX_FIELDS {
            return Err((place, format!("has more than {MAX_FIELDS} values")));
        }
        let owned = || values.iter().map(|v| (*v).to_owned()).collect::<Vec<String>>();
        match key {
            "FIELDS" | "COLUMNS" => names = owned(),
            "SIZE" => sizes = owned(),
            "TYPE" => kinds = owned(),
            "COUNT" => counts = owned(),
            "WIDTH" => width = Some(one()?),
            "HEIGHT" => height = Some(one()?),
            "POINTS" => points = Some(one()?),
            "VIEWPOINT" => {
                for (slot, word) in viewpoint.iter_mut().zip(&values) {
                    let n = word.parse().ok().filter(|x: &f64| x.is_finite());
                    *slot = n.ok_or_else(|| (place.clone(), format!("has {word:?}")))?;
                }
            }
            "DATA" => {
                let Some(encoding) = values.first() else {
                    return Err((place, "`DATA` lacks the encoding".into()));
                };
                let (fields, stride) = fields(&names, &sizes, &kinds, &counts)?;
                let all = width.map(|w: usize| w.checked_mul(height.unwrap_or(1)));
                let total = match (points, all) {
                    (Some(p), Some(Some(a))) if p == a => p,
                    (None, Some(Some(a))) => a,
                    (Some(p), None) => p,
                    _ => {
                        let what = "`POINTS` is not `WIDTH` times `HEIGHT`";
                        return Err(("header".into(), what.into()));
                    }
                };
                let organised = width.zip(height).filter(|(w, h)| *w > 1 && *h > 1);
                return Ok(Header {
                    fields,
                    stride,
                    points: total,
                    organised,
                    viewpoint,
                    encoding: (*encoding).to_owned(),
                    start: at,
                    lines: line,
                });
            }
            _ => {}
        }
    }
}

fn fields(
    names: &[String],
    sizes: &[String],
    kinds: &[String],
    counts: &[String],
) -> Result<(Vec<Field>, usize), Fault> {
    let bad = |what: String| ("header".to_owned(), what);
    if names.is_empty() || sizes.len() != names.len() || kinds.len() != names.len() {
        return Err(bad("needs FIELDS, SIZE and TYPE of the same length".into()));
    }
    if !counts.is_empty() && counts.len() != names.len() {
        return Err(bad("has a COUNT of another length than FIELDS".into()));
    }
    let (mut out, mut offset) = (Vec::new(), 0usize);
    for (i, name) in names.iter().enumerate() {
        let number = match (kinds[i].as_str(), sizes[i].as_str()) {
            ("F", "4") => Number::F32,
            ("F", "8") => Number::F64,
            ("I", "1") => Number::I8,
            ("I", "2") => Number::I16,
            ("I", "4") => Number::I32,
            ("I", "8") => Number::I64,
            ("U", "1") => Number::U8,
            ("U", "2") => Number::U16,
            ("U", "4") => Number::U32,
            ("U", "8") => Number::U64,
            (t, s) => return Err(bad(format!("field `{name}` has the type {t} of size {s}"))),
        };
        let count = match counts.get(i).map(|c| c.parse::<usize>()) {
            None => 1,
            Some(Ok(n)) if (1..=1 << 20).contains(&n) => n,
            _ => return Err(bad(format!("field `{name}` has no valid COUNT"))),
        };
        out.push(Field { name: name.to_lowercase(), number, count, offset });
        offset += number.size() * count;
    }
    Ok((out, offset))
}

/// Parses a PCD file.
pub(crate) fn parse(data: &[u8]) -> Result<Cloud, Fault> {
    let h = header(data)?;
    let find = |names: &[&str]| {
        names.iter().find_map(|n| h.fields.iter().position(|f| f.name == *n && f.count == 1))
    };
    let (Some(x), Some(y), Some(z)) = (find(&["x"]), find(&["y"]), find(&["z"])) else {
        return Err(("header".into(), "lacks the fields x, y and z".into()));
    };
    let color = find(&["rgb", "rgba"]).filter(|f| h.fields[*f].number.size() == 4);
    let label = find(&INSTANCES);
    let rest = &data[h.start..];
    let mut cloud = Cloud {
        colors: color.map(|_| Vec::new()),
        labels: label.map(|_| Vec::new()),
        organised: h.organised,
        viewpoint: h.viewpoint,
        ..Cloud::default()
    };
    let mut push = |value: &dyn Fn(usize) -> f64, bits: &dyn Fn(usize) -> u32| {
        cloud.positions.push([x, y, z].map(|f| value(f) as f32));
        if let Some((colors, f)) = cloud.colors.as_mut().zip(color) {
            let [_, r, g, b] = bits(f).to_be_bytes();
            colors.push([r, g, b]);
        }
        if let Some((labels, f)) = cloud.labels.as_mut().zip(label) {
            labels.push(super::label(value(f)));
        }
    };
    let short = |have: usize| {
        let what = format!("states {} points, but there are {have}", h.points);
        ("header".to_owned(), what)
    };
    match h.encoding.as_str() {
        "ascii" => {
            let text = std::str::from_utf8(rest).map_err(|e| {
                let place = format!("byte {}", h.start + e.valid_up_to());
                (place, "is not text, though the data is said to be ascii".to_owned())
            })?;
            let mut first = vec![0; h.fields.len()];
            let mut total = 0;
            for (slot, f) in first.iter_mut().zip(&h.fields) {
                *slot = total;
                total += f.count;
            }
            let lines = text.lines().enumerate().map(|(i, l)| (h.lines + 1 + i, l));
            let mut have = 0;
            for (line, text) in lines.filter(|(_, l)| !l.trim().is_empty()) {
                let place = || format!("line {line}");
                let words: Vec<&str> = text.split_whitespace().collect();
                if words.len() != total {
                    let what = format!("has {} values, expected {total}", words.len());
                    return Err((place(), what));
                }
                for f in [Some(x), Some(y), Some(z), label].into_iter().flatten() {
                    let word = words[first[f]];
                    if word.parse::<f64>().is_err() {
                        return Err((place(), format!("has {word:?} for a number")));
                    }
                }
                have += 1;
                push(&|f| words[first[f]].parse().unwrap_or(f64::NAN), &|f| {
                    let word = words[first[f]];
                    match h.fields[f].number {
                        Number::F32 => word.parse::<f32>().map_or(0, f32::to_bits),
                        _ => word.parse::<i64>().map_or(0, |n| n as u32),
                    }
                });
            }
            if have != h.points {
                return Err(short(have));
            }
        }
        "binary" => {
            if rest.len() / h.stride < h.points {
                return Err(short(rest.len() / h.stride));
            }
            for p in rest.chunks_exact(h.stride).take(h.points) {
                push(&|f| h.fields[f].number.read(&p[h.fields[f].offset..], false), &|f| {
                    Number::bits(&p[h.fields[f].offset..])
                });
            }
        }
        "binary_compressed" => {
            let word = |at: usize| rest.get(at..at + 4).map(Number::bits);
            let place = || format!("byte {}", h.start);
            let (Some(packed), Some(size)) = (word(0), word(4)) else {
                return Err((place(), "the compressed data lacks its two sizes".into()));
            };
            if h.points.checked_mul(h.stride) != Some(size as usize) {
                let what = format!(
                    "states {size} bytes uncompressed, but {} points of {} bytes differ from that",
                    h.points, h.stride
                );
                return Err((place(), what));
            }
            let Some(packed) = rest.get(8..).and_then(|r| r.get(..packed as usize)) else {
                let what = format!("states {packed} compressed bytes, more than there are");
                return Err((place(), what));
            };
            let all = inflate(packed, size as usize)
                .map_err(|e| (place(), format!("the compressed data {e}")))?;
            // Fields follow one another, each with the values of all points.
            for i in 0..h.points {
                let at = |f: usize| {
                    let f = &h.fields[f];
                    f.offset * h.points + i * f.number.size() * f.count
                };
                push(&|f| h.fields[f].number.read(&all[at(f)..], false), &|f| {
                    Number::bits(&all[at(f)..])
                });
            }
        }
        other => {
            let what =
                format!("has the encoding `{other}`, expected ascii, binary or binary_compressed");
            return Err((format!("line {}", h.lines), what));
        }
    }
    Ok(cloud)
}
