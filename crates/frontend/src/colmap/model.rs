//! The undistorted model as the gate and the stereo want it.

use std::collections::BTreeMap;
use std::path::Path;

use reasmory_geom::Point3;
use reasmory_import::{ColmapModel, read_colmap};
use reasmory_reconstruct::gate::{GateOptions, Pair, SparseModel, SparsePhoto, Verdict, judge};

use super::mapping::Mapped;
use crate::FrontendError;

/// Matches of two images: their ids and numbers of features.
pub(super) type Matches = (u32, u32, Vec<(u32, u32)>);

/// Reads matches: a line of two image ids and a count, then as many lines of two feature numbers.
pub(super) fn parse_pairs(text: &str) -> Result<Vec<Matches>, String> {
    let mut out: Vec<Matches> = Vec::new();
    let mut left = 0usize;
    for (i, l) in text.lines().enumerate() {
        let numbers: Option<Vec<u32>> = l.split_whitespace().map(|w| w.parse().ok()).collect();
        let numbers = numbers.unwrap_or_default();
        match (left, &numbers[..], out.last_mut()) {
            (0, [a, b, n], _) => {
                out.push((*a, *b, Vec::new()));
                left = *n as usize;
            }
            (1.., [f, g], Some(last)) => {
                last.2.push((*f, *g));
                left -= 1;
            }
            _ => return Err(format!("line {} is no pair and no match", i + 1)),
        }
    }
    if left > 0 { Err(format!("ends {left} matches too early")) } else { Ok(out) }
}

/// The chosen model, judged.
pub(super) struct Judged {
    pub(super) model: ColmapModel,
    /// One for each image of the model.
    pub(super) verdicts: Vec<Verdict>,
    /// Number of photo pairs whose matches had a say.
    pub(super) pairs: usize,
}

/// Reads and judges what mapping left.
pub(super) fn judged(mapped: &Mapped, gate: bool) -> Result<Judged, FrontendError> {
    let dir = mapped.undistorted.join("sparse");
    let model = read_colmap(&dir)?;
    if let Some(i) = model.images.iter().find(|i| i.distorted) {
        return Err(FrontendError::failed(
            format!("colmap: {} is still distorted after undistorting", i.name),
            "choose another camera model with `--set camera=OPENCV`",
        ));
    }
    let sparse = SparseModel {
        photos: model
            .images
            .iter()
            .map(|i| SparsePhoto {
                lens: i.lens,
                pose: i.pose,
                observations: i.features.iter().filter_map(|(at, p)| Some(((*p)?, *at))).collect(),
            })
            .collect(),
        points: model.points.iter().map(|p| p.position).collect(),
    };
    let pairs = match &mapped.pairs {
        Some(file) => pairs(file, &model)?,
        None => Vec::new(),
    };
    // A model of two photos has no third one to agree with.
    let options = GateOptions {
        least_points: if model.images.len() > 2 { 15 } else { 8 },
        ..GateOptions::default()
    };
    let mut verdicts = judge(&sparse, &pairs, &options);
    if !gate {
        verdicts.iter_mut().for_each(|v| v.reasons.clear());
    }
    Ok(Judged { model, verdicts, pairs: pairs.len() })
}

fn pairs(file: &Path, model: &ColmapModel) -> Result<Vec<Pair>, FrontendError> {
    let text = std::fs::read_to_string(file).map_err(FrontendError::io(file, "read"))?;
    let found = parse_pairs(&text).map_err(|e| {
        let what = format!("{}: {e}", file.display());
        FrontendError::failed(what, "remove the work folder and build again")
    })?;
    let index: BTreeMap<u32, usize> =
        model.images.iter().enumerate().map(|(k, i)| (i.id, k)).collect();
    let at = |image: usize, feature: u32| {
        model.images[image].features.get(feature as usize).map(|f| f.0)
    };
    Ok(found
        .into_iter()
        .filter_map(|(a, b, matches)| {
            let (a, b) = (*index.get(&a)?, *index.get(&b)?);
            let matches =
                matches.into_iter().filter_map(|(f, g)| Some((at(a, f)?, at(b, g)?))).collect();
            Some(Pair { a, b, matches })
        })
        .collect())
}

impl Judged {
    /// Points that an image observes.
    pub(super) fn seen(&self, image: usize) -> Vec<Point3> {
        let rows = self.model.images[image].features.iter().filter_map(|f| f.1);
        rows.filter_map(|r| self.model.points.get(r as usize)).map(|p| p.position).collect()
    }

    /// Mean reprojection error of an image's points, pixels.
    pub(super) fn reprojection(&self, image: usize) -> Option<f64> {
        let i = &self.model.images[image];
        let (mut sum, mut n) = (0.0, 0u32);
        for (at, row) in &i.features {
            let Some(p) = row.and_then(|r| self.model.points.get(r as usize)) else { continue };
            if let Some((u, v)) = i.lens.project(i.pose.to_camera(p.position)) {
                sum += (u - at[0]).hypot(v - at[1]);
                n += 1;
            }
        }
        (n > 0).then(|| sum / f64::from(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_read_or_refused() {
        let all = parse_pairs("1 2 2\n0 5\n3 4\n2 7 0\n2 8 1\n1 1\n").unwrap();
        assert_eq!(all[0], (1, 2, vec![(0, 5), (3, 4)]));
        assert_eq!((all.len(), all[1].2.len(), all[2].2.len()), (3, 0, 1));
        assert_eq!(parse_pairs(""), Ok(vec![]));
        for bad in
            ["1 2", "1 2 2\n0 5\n", "1 2 1\n0 -5\n", "1 2 1\n0 5 6\n", "1 2 0\n0 5\n", "a b c"]
        {
            assert!(parse_pairs(bad).is_err(), "{bad:?}");
        }
        // A count that lies allocates nothing.
        assert!(parse_pairs("1 2 4294967295\n0 5\n").is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        let seed = b"1 2 2\n0 5\n3 4\n2 8 1\n1 1\n";
        let mut state = 7u64;
        for _ in 0..2000 {
            let mut bytes = seed.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = (state >> 25) as u8;
            }
            if let Ok(all) = parse_pairs(&String::from_utf8_lossy(&bytes)) {
                assert!(all.iter().map(|p| p.2.len()).sum::<usize>() <= bytes.len());
            }
        }
    }
}
