//! `masks`: what a detector wrote to files.

use std::path::PathBuf;

use crate::{Detections, FrontendError, Ground, Identity, Job, Photo};

/// Masks from a COCO file, or a folder of label maps or archives (`spec/importers.md`).
#[derive(Clone, Debug)]
pub struct Masks {
    /// The file or folder.
    pub source: PathBuf,
}

impl Ground for Masks {
    fn identity(&self) -> Identity {
        Identity::own("masks", 1)
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
        job.check()?;
        let named: Vec<(String, (u32, u32))> =
            photos.iter().map(|p| (p.name.clone(), (p.width, p.height))).collect();
        let (mut found, note) = reasmory_import::read_masks(&self.source, &named)?;
        let mut notes = vec![note];
        if !prompts.is_empty() {
            let before: usize = found.iter().map(Vec::len).sum();
            for masks in &mut found {
                masks.retain(|m| prompts.iter().any(|p| p.eq_ignore_ascii_case(m.label.trim())));
            }
            let after: usize = found.iter().map(Vec::len).sum();
            if after == 0 {
                let what =
                    format!("{}: has no mask of {}", self.source.display(), prompts.join(", "));
                return Err(FrontendError::input(what, "ask for labels that it has, or for none"));
            }
            notes.push(format!(
                "{} masks of categories not asked for were left out.",
                before - after
            ));
        }
        Ok(Detections { photos: found, notes })
    }
}
