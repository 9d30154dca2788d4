//! `rgbd`: depth pictures, with poses or without.

use reasmory_import::{ImportOptions, read_posed_depth};
use reasmory_scene::Scale;

use crate::{
    Cloud, FrontendError, Identity, Input, Job, Kind, Photo, Reconstruct, Reconstructed,
    Reconstruction, View,
};

/// RGB-D in the layouts of `spec/importers.md`; where the trajectory is missing, the camera is followed.
#[derive(Clone, Debug, Default)]
pub struct Rgbd {
    /// How to read: views, depth scale, intrinsics.
    pub options: ImportOptions,
}

impl Reconstruct for Rgbd {
    fn identity(&self) -> Identity {
        Identity::own("rgbd", 2)
    }

    /// Following the camera takes long; reading poses does not.
    fn kept(&self, input: &Input) -> bool {
        input.kind == Kind::UnposedRgbd
    }

    fn reconstruct(&self, input: &Input, job: &Job<'_>) -> Result<Reconstructed, FrontendError> {
        if input.kind == Kind::UnposedRgbd {
            let made = super::odometry::follow(&input.path, &self.options, job)?;
            return Ok(Reconstructed::Views(made));
        }
        let Kind::Rgbd(format) = input.kind else {
            let what = format!("{}: is no posed RGB-D", input.path.display());
            let remedy = "give depth with poses in a layout of spec/importers.md";
            return Err(FrontendError::input(what, remedy));
        };
        job.check()?;
        let options = ImportOptions { format: Some(format), ..self.options.clone() };
        let (given, notes) = read_posed_depth(&input.path, &options)?;
        let mut r = Reconstruction {
            photos: Vec::new(),
            views: Vec::new(),
            cloud: Cloud::default(),
            scale: Scale::metric("depths and poses are metres"),
            up: None,
            notes,
        };
        for (photo, v) in given.into_iter().enumerate() {
            r.photos.push(Photo { name: v.name, ..Photo::of_file(&v.file, v.time)? });
            r.views.push(View {
                photo,
                lens: v.lens,
                pose: v.pose,
                depth: Some(v.depth),
                confidence: None,
                reprojection: None,
            });
        }
        Ok(Reconstructed::Views(r))
    }
}
