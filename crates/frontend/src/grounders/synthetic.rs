//! `synthetic`: the masks that the room generator knows, exactly or with errors of known size.

use reasmory_ground::{Mask, Region};
use reasmory_synth::{Rng, labels, render_all};

use crate::frontends::Degraded;
use crate::{Detections, FrontendError, Ground, Identity, Job, Photo};

/// The generator as a detector.
#[derive(Clone, Copy, Debug)]
pub struct SyntheticMasks {
    /// Seed of the room.
    pub seed: u64,
    /// How many photos, and the errors.
    pub degraded: Degraded,
}

/// Least pixels of a mask.
const LEAST: u64 = 12;

impl Ground for SyntheticMasks {
    fn identity(&self) -> Identity {
        Identity::own("synthetic", 1)
    }

    fn kept(&self) -> bool {
        false
    }

    fn ground(
        &self,
        photos: &[Photo],
        prompts: &[String],
        job: &Job<'_>,
    ) -> Result<Detections, FrontendError> {
        let (room, cameras) = self.degraded.room(self.seed);
        if photos.len() != cameras.len() {
            let what = format!("the room has {} photos, not {}", cameras.len(), photos.len());
            return Err(FrontendError::input(what, "use the frontend `synthetic` with it"));
        }
        let names = labels(&room, false);
        let d = &self.degraded.errors;
        let rng = Rng::new(d.seed).fork(self.seed).fork(77);
        let mut out = Detections::default();
        for (i, c) in cameras.iter().enumerate() {
            job.step(i as u64, cameras.len() as u64, "rendering")?;
            let frame = render_all(&room, std::slice::from_ref(c)).remove(0);
            let (w, h) = (c.pinhole.width, c.pinhole.height);
            let mut masks = Vec::new();
            for k in 0..names.len() {
                let mut rng = rng.fork((i * names.len() + k) as u64);
                let id = k as u32 + 1;
                let Some((mask, of)) = d.mask(&frame, id, names.len(), &mut rng) else { continue };
                let region = Region::from_pixels(w, h, |p| mask[p])
                    .map_err(|e| FrontendError::failed(e.0, "choose another size"))?;
                let Some(label) = names.get(of as usize - 1) else { continue };
                let wanted = prompts.is_empty() || prompts.contains(&label.category);
                if region.area() >= LEAST && wanted {
                    masks.push(Mask {
                        region,
                        label: label.category.clone(),
                        score: 1.0,
                        boxed: false,
                    });
                }
            }
            out.photos.push(masks);
        }
        out.notes.push(format!(
            "Masks of a generated room; errors added: shifts up to {} pixels, {} eroded, {} missing, {} mislabelled.",
            d.shift, d.eroded, d.mask_missing, d.mask_mislabelled
        ));
        Ok(out)
    }
}
