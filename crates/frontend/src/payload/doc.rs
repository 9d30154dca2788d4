//! A reconstruction as JSON with arrays beside it: what frontends send and what is kept between builds. Read
//! with suspicion: sizes, ranges, finite numbers, rigid poses.

use std::collections::BTreeMap;

use nalgebra::Matrix4;
use reasmory_geom::{Pinhole, Pose, Vec3};
use reasmory_scene::{Scale, ScaleKind};
use serde_json::{Map, Value, json};

use super::{Arrays, Data, Tensor};
use crate::{Cloud, Photo, Reconstruction, View};

/// Furthest coordinate.
const FAR: f64 = 1e9;
/// Most points.
const MAX_POINTS: usize = 200_000_000;
/// Longest note, characters; most notes.
const NOTES: (usize, usize) = (2000, 1000);

fn number(v: &Value, key: &str) -> Result<f64, String> {
    v[key].as_f64().filter(|x| x.is_finite()).ok_or_else(|| format!("`{key}` is no number"))
}

fn lens(v: &Value) -> Result<Pinhole, String> {
    let size = |key: &str| {
        let n = v[key].as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        n.ok_or_else(|| format!("`{key}` is no positive whole number"))
    };
    let (width, height) = (size("width")?, size("height")?);
    let get = |key| number(v, key);
    let p =
        Pinhole { width, height, fx: get("fx")?, fy: get("fy")?, cx: get("cx")?, cy: get("cy")? };
    if p.is_valid() { Ok(p) } else { Err("is no lens: focal lengths must be positive".into()) }
}

fn pose(v: &Value) -> Result<Pose, String> {
    let rows = v.as_array().filter(|r| r.len() == 4).ok_or("is no list of four rows")?;
    let mut m = Matrix4::zeros();
    for (r, row) in rows.iter().enumerate() {
        let row =
            row.as_array().filter(|c| c.len() == 4).ok_or("has a row without four numbers")?;
        for (c, x) in row.iter().enumerate() {
            m[(r, c)] =
                x.as_f64().filter(|x| x.is_finite()).ok_or("has an entry that is no number")?;
        }
    }
    if (m[(3, 0)], m[(3, 1)], m[(3, 2)], m[(3, 3)]) != (0.0, 0.0, 0.0, 1.0) {
        return Err("has a last row that is not 0 0 0 1".into());
    }
    let pose = Pose::from_matrix(&m)
        .ok_or("is not rigid: its upper left is no rotation (a scale or a mirror is in it)")?;
    if pose.center.iter().any(|x| x.abs() > FAR) {
        return Err(format!("lies further than {FAR:e} from the origin"));
    }
    Ok(pose)
}

/// The notes of a message.
pub(crate) fn notes(v: &Value) -> Result<Vec<String>, String> {
    match v {
        Value::Null => Ok(vec![]),
        Value::Array(l) if l.len() <= NOTES.1 => l
            .iter()
            .map(|n| {
                let text = n.as_str().ok_or("notes: one is no text")?;
                Ok(text.chars().filter(|c| !c.is_control()).take(NOTES.0).collect())
            })
            .collect(),
        _ => Err(format!("notes: is no list of at most {} texts", NOTES.1)),
    }
}

fn view(c: &Value, arrays: &Arrays, photos: &[Photo]) -> Result<View, String> {
    let index = c["photo"].as_u64().and_then(|i| usize::try_from(i).ok());
    let photo = index.filter(|i| *i < photos.len()).ok_or_else(|| {
        format!("photo: is {}, but there are {} photos", c["photo"], photos.len())
    })?;
    let lens = lens(&c["lens"]).map_err(|e| format!("lens: {e}"))?;
    let pose = pose(&c["camera_to_world"]).map_err(|e| format!("camera_to_world: {e}"))?;
    let p = &photos[photo];
    let ratio = (f64::from(lens.width) / f64::from(p.width))
        * (f64::from(p.height) / f64::from(lens.height));
    if (ratio - 1.0).abs() > 0.01 {
        return Err(format!(
            "lens: is for {}×{}, the photo `{}` has {}×{}: other proportions",
            lens.width, lens.height, p.name, p.width, p.height
        ));
    }
    let size = [lens.height as usize, lens.width as usize];
    let array = |key: &str| match &c[key] {
        Value::Null => Ok(None),
        r => arrays.get(r, &size).map(|s| Some(s.floats())).map_err(|e| format!("{key}: {e}")),
    };
    let mut depth = array("depth")?;
    // Models write "no depth" in many ways; all of them mean 0.
    for d in depth.iter_mut().flatten() {
        if !(d.is_finite() && *d > 0.0) {
            *d = 0.0;
        }
    }
    if let Some(far) = depth.iter().flatten().find(|d| f64::from(**d) > FAR) {
        return Err(format!("depth: {far} is further than {FAR:e}"));
    }
    let confidence = array("confidence")?;
    if confidence.is_some() && depth.is_none() {
        return Err("confidence: is given without depth".into());
    }
    if let Some(bad) = confidence.iter().flatten().find(|c| !(0.0..=1.0).contains(*c)) {
        return Err(format!("confidence: {bad} is not in [0, 1]"));
    }
    let reprojection = match &c["reprojection_px"] {
        Value::Null => None,
        _ => Some(number(c, "reprojection_px").and_then(|x| {
            if x >= 0.0 { Ok(x) } else { Err("`reprojection_px` is negative".into()) }
        })?),
    };
    Ok(View { photo, lens, pose, depth, confidence, reprojection })
}

fn cloud(v: &Value, arrays: &Arrays) -> Result<Cloud, String> {
    if v.is_null() {
        return Ok(Cloud::default());
    }
    let shape = arrays.shape(&v["positions"]).unwrap_or_default();
    let n = match shape {
        [n, 3] if *n <= MAX_POINTS => *n,
        _ => {
            return Err(format!(
                "positions: is no array (n, 3) that is there; its shape is {shape:?}"
            ));
        }
    };
    let get = |key: &str, shape: &[usize], default: f32| match &v[key] {
        Value::Null => Ok(vec![default; shape.iter().product()]),
        r => arrays.get(r, shape).map(|s| s.floats()).map_err(|e| format!("{key}: {e}")),
    };
    let flat = get("positions", &[n, 3], 0.0)?;
    if let Some(i) = flat.iter().position(|x| f64::from(*x).abs() > FAR || x.is_nan()) {
        return Err(format!("positions: row {} is {}, no place", i / 3, flat[i]));
    }
    let colors = get("colors", &[n, 3], 128.0)?;
    let confidence = get("confidence", &[n], 1.0)?;
    if let Some(bad) = confidence.iter().find(|c| !(0.0..=1.0).contains(*c)) {
        return Err(format!("confidence: {bad} is not in [0, 1]"));
    }
    let errors = get("errors", &[n], -1.0)?;
    let triples = |v: &[f32]| v.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect::<Vec<_>>();
    Ok(Cloud {
        positions: triples(&flat),
        colors: triples(&colors)
            .iter()
            .map(|c| c.map(|x| x.clamp(0.0, 255.0).round() as u8))
            .collect(),
        confidence,
        errors,
    })
}

fn scale(v: &Value) -> Result<Scale, String> {
    let source = v["source"].as_str().map(str::trim).filter(|s| !s.is_empty());
    let source: String = source.ok_or("scale: has no `source`")?.chars().take(NOTES.0).collect();
    match v["kind"].as_str() {
        Some("metric") => Ok(Scale { kind: ScaleKind::Metric, source }),
        Some("relative") => Ok(Scale { kind: ScaleKind::Relative, source }),
        _ => Err("scale: `kind` is neither `metric` nor `relative`".into()),
    }
}

/// Reads a reconstruction of these photos. An error names the member.
pub fn reconstruction_of(
    doc: &Value,
    arrays: &Arrays,
    photos: Vec<Photo>,
) -> Result<Reconstruction, String> {
    let cameras = doc["cameras"].as_array().ok_or("`cameras` is no list")?;
    if cameras.len() > photos.len() {
        return Err(format!("there are {} cameras for {} photos", cameras.len(), photos.len()));
    }
    let mut by_photo: BTreeMap<usize, View> = BTreeMap::new();
    for (i, c) in cameras.iter().enumerate() {
        let v = view(c, arrays, &photos).map_err(|e| format!("cameras[{i}].{e}"))?;
        let photo = v.photo;
        if by_photo.insert(photo, v).is_some() {
            return Err(format!("cameras[{i}].photo: {photo} has a camera already"));
        }
    }
    let up = match &doc["up"] {
        Value::Null => None,
        v => {
            let x: Option<Vec<f64>> =
                v.as_array().and_then(|l| l.iter().map(Value::as_f64).collect());
            let x: [f64; 3] =
                x.and_then(|l| l.try_into().ok()).ok_or("up: is no list of three numbers")?;
            let up = Vec3::from(x).try_normalize(1e-9).filter(|u| u.iter().all(|x| x.is_finite()));
            Some(up.ok_or("up: has no direction")?)
        }
    };
    Ok(Reconstruction {
        photos,
        views: by_photo.into_values().collect(),
        cloud: cloud(&doc["points"], arrays).map_err(|e| format!("points.{e}"))?,
        scale: scale(&doc["scale"])?,
        up,
        notes: notes(&doc["notes"])?,
    })
}

/// Writes a reconstruction: what [`reconstruction_of`] reads, and its arrays. Photos are not part of it.
pub fn reconstruction_doc(r: &Reconstruction) -> (Value, Vec<(String, Tensor)>) {
    let mut arrays = Vec::new();
    let mut cameras = Vec::new();
    for v in &r.views {
        let mut c = Map::new();
        let shape = vec![v.lens.height as usize, v.lens.width as usize];
        c.insert("photo".into(), json!(v.photo));
        c.insert("lens".into(), json!(v.lens));
        c.insert("camera_to_world".into(), json!(v.pose));
        for (key, data) in [("depth", &v.depth), ("confidence", &v.confidence)] {
            if let Some(data) = data {
                let name = format!("{key}.{}", v.photo);
                c.insert(key.into(), json!(name));
                arrays.push((
                    name,
                    Tensor { shape: shape.clone(), data: Data::Floats(data.clone()) },
                ));
            }
        }
        c.insert("reprojection_px".into(), json!(v.reprojection));
        cameras.push(Value::Object(c));
    }
    let n = r.cloud.positions.len();
    let points = if n == 0 {
        Value::Null
    } else {
        let floats = |v: Vec<f32>| Data::Floats(v);
        let columns = [
            ("positions", vec![n, 3], floats(r.cloud.positions.as_flattened().to_vec())),
            ("colors", vec![n, 3], Data::Bytes(r.cloud.colors.as_flattened().to_vec())),
            ("confidence", vec![n], floats(r.cloud.confidence.clone())),
            ("errors", vec![n], floats(r.cloud.errors.clone())),
        ];
        let mut refs = Map::new();
        for (key, shape, data) in columns {
            refs.insert(key.into(), json!(format!("points.{key}")));
            arrays.push((format!("points.{key}"), Tensor { shape, data }));
        }
        Value::Object(refs)
    };
    let doc = json!({
        "cameras": cameras,
        "points": points,
        "scale": {
            "kind": if r.scale.is_metric() { "metric" } else { "relative" },
            "source": r.scale.source,
        },
        "up": r.up.map(|u| [u.x, u.y, u.z]),
        "notes": r.notes,
    });
    (doc, arrays)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_geom::Point3;

    pub(crate) fn photo(name: &str) -> Photo {
        Photo {
            name: name.into(),
            file: name.into(),
            width: 8,
            height: 6,
            digest: String::new(),
            time: None,
        }
    }

    fn sample() -> Reconstruction {
        let view = |photo: usize, depth: bool| View {
            photo,
            lens: Pinhole::from_fov(4, 3, 70.0),
            pose: reasmory_geom::View::level(Point3::new(0.1, photo as f64, 1.5), 33.3).pose(),
            depth: depth.then(|| (0..12).map(|i| i as f32 * 0.3).collect()),
            confidence: depth.then(|| vec![0.75; 12]),
            reprojection: (!depth).then_some(0.8),
        };
        Reconstruction {
            photos: vec![photo("a"), photo("b"), photo("c")],
            views: vec![view(0, true), view(2, false)],
            cloud: Cloud {
                positions: vec![[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]],
                colors: vec![[1, 2, 255], [4, 5, 6]],
                confidence: vec![0.5, 1.0],
                errors: vec![-1.0, 0.5],
            },
            scale: Scale::relative("a test"),
            up: Some(Vec3::new(0.0, 0.6, 0.8)),
            notes: vec!["n".into()],
        }
    }

    fn arrays(list: Vec<(String, Tensor)>) -> Arrays {
        Arrays(list.into_iter().collect())
    }

    #[test]
    fn a_reconstruction_round_trips_exactly() {
        let r = sample();
        let (doc, list) = reconstruction_doc(&r);
        let text = doc.to_string();
        let doc: Value = serde_json::from_str(&text).unwrap();
        let bytes = super::super::encode(list.iter().map(|(n, t)| (n.as_str(), t)));
        let mut read = Arrays::default();
        read.add(std::path::Path::new("x"), &bytes).unwrap();
        let got = reconstruction_of(&doc, &read, r.photos.clone()).unwrap();
        let (a, b) = (got.views[0].pose, r.views[0].pose);
        assert!((a.matrix() - b.matrix()).amax() < 1e-12);
        assert_eq!(got.cloud, r.cloud);
        assert_eq!(got.views[0].depth, r.views[0].depth);
        assert_eq!((got.scale, got.up.is_some(), got.notes), (r.scale, true, r.notes));
    }

    #[test]
    fn lies_are_named() {
        let r = sample();
        let (good, list) = reconstruction_doc(&r);
        let all = arrays(list);
        let broken = |change: &dyn Fn(&mut Value)| {
            let mut doc = good.clone();
            change(&mut doc);
            reconstruction_of(&doc, &all, r.photos.clone()).unwrap_err()
        };
        type Change = dyn Fn(&mut Value);
        let cases: [(&Change, &str); 16] = [
            (&|d| d["cameras"] = json!(3), "`cameras` is no list"),
            (&|d| d["cameras"][0]["photo"] = json!(3), "cameras[0].photo: is 3, but there are 3"),
            (&|d| d["cameras"][1]["photo"] = json!(0), "cameras[1].photo: 0 has a camera already"),
            (&|d| d["cameras"][0]["lens"]["fx"] = json!(-1.0), "cameras[0].lens: is no lens"),
            (&|d| d["cameras"][0]["lens"]["width"] = json!(9), "other proportions"),
            (&|d| d["cameras"][0]["lens"]["height"] = json!(1e30), "`height`"),
            (&|d| d["cameras"][0]["camera_to_world"][0][0] = json!(2.0), "not rigid"),
            (&|d| d["cameras"][0]["camera_to_world"][0][3] = json!(1e300), "further than"),
            (&|d| d["cameras"][0]["camera_to_world"][3][3] = json!(0.5), "last row"),
            (&|d| d["cameras"][0]["camera_to_world"] = json!([1]), "four rows"),
            (
                &|d| d["cameras"][0]["depth"] = json!("none"),
                "cameras[0].depth: there is no array `none`",
            ),
            (&|d| d["cameras"][0]["depth"] = json!("points.positions"), "has the shape [2, 3]"),
            (
                &|d| d["cameras"][0]["depth"] = json!(["depth.0", 9]),
                "has the shape [4], expected [3, 4]",
            ),
            (&|d| d["scale"]["kind"] = json!("metres"), "scale: `kind`"),
            (&|d| d["up"] = json!([0, 0, 0]), "up: has no direction"),
            (
                &|d| d["points"]["colors"] = json!("depth.0"),
                "points.colors: `depth.0` has the shape",
            ),
        ];
        for (change, says) in cases {
            let e = broken(change);
            assert!(e.contains(says), "{says}: {e}");
        }
        let mut sure = all.clone();
        if let Some(t) = sure.0.get_mut("confidence.0") {
            t.data = Data::Floats(vec![1.5; 12]);
        }
        let e = reconstruction_of(&good, &sure, r.photos.clone()).unwrap_err();
        assert!(e.contains("cameras[0].confidence: 1.5 is not in [0, 1]"), "{e}");
        let mut far = all.clone();
        if let Some(t) = far.0.get_mut("points.positions") {
            t.data = Data::Floats(vec![0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0]);
        }
        let e = reconstruction_of(&good, &far, r.photos.clone()).unwrap_err();
        assert!(e.contains("points.positions: row 1"), "{e}");
        // No depth in any of the ways that models have is 0.
        let mut odd = all;
        if let Some(t) = odd.0.get_mut("depth.0") {
            t.data = Data::Floats([f32::NAN, f32::INFINITY, -1.0, 0.0].repeat(3));
        }
        let got = reconstruction_of(&good, &odd, r.photos.clone()).unwrap();
        assert_eq!(got.views[0].depth, Some(vec![0.0; 12]));
    }

    #[test]
    fn one_of_a_stack_is_meant() {
        let stack = Tensor {
            shape: vec![2, 3, 4],
            data: Data::Floats((0..24).map(|i| i as f32).collect()),
        };
        let arrays = arrays(vec![("d".into(), stack)]);
        let got = arrays.get(&json!(["d", 1]), &[3, 4]).unwrap().floats();
        assert_eq!((got[0], got.len()), (12.0, 12));
        assert!(arrays.get(&json!(["d", 2]), &[3, 4]).is_err());
        assert!(arrays.get(&json!(["d", -1]), &[3, 4]).is_err());
        assert!(arrays.get(&json!({}), &[3, 4]).is_err());
    }
}
