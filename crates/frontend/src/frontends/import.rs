//! `import`: anything that `reasmory import` reads, taken as it is.

use reasmory_import::ImportOptions;

use crate::{FrontendError, Identity, Input, Job, Kind, Reconstruct, Reconstructed};

/// Sources that are memories already.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// How to import.
    pub options: ImportOptions,
}

impl Reconstruct for Import {
    fn identity(&self) -> Identity {
        Identity::own("import", 1)
    }

    fn kept(&self, _: &Input) -> bool {
        false
    }

    fn reconstruct(&self, input: &Input, job: &Job<'_>) -> Result<Reconstructed, FrontendError> {
        let format = match input.kind {
            Kind::Scene(f) | Kind::Rgbd(f) => f,
            other => {
                let what = format!("{}: {} cannot be imported", input.path.display(), other.name());
                return Err(FrontendError::input(what, "choose another frontend, or none"));
            }
        };
        job.check()?;
        let options = ImportOptions { format: Some(format), ..self.options.clone() };
        let imported = reasmory_import::import(&input.path, &options)?;
        Ok(Reconstructed::Memory(imported))
    }
}
