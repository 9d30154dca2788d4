//! Neural models in process: ONNX files that a user gives, run by ONNX Runtime, which is loaded when it is
//! needed. Nothing is downloaded.
//!
//! A model is two files: `MODEL.onnx` and its sidecar `MODEL.onnx.json` ([`Sidecar`]), which says how a picture
//! goes in ([`prepare`]) and what the numbers that come out mean ([`outputs`]). Conventions: pixels are sRGB,
//! row-major, pixel centres at halves; boxes are left, top, right, bottom in pixels of the picture.
#![forbid(unsafe_code)]

mod error;
pub mod outputs;
pub mod prepare;
pub mod resample;
mod session;
mod sidecar;
mod tensor;

use std::path::{Path, PathBuf};

pub use error::{Cause, OnnxError};
pub use outputs::Found;
pub use prepare::{Picture, Placed};
pub use session::{Outputs, Session, library};
pub use sidecar::{
    Boxes, Corners, Depth, Fit, Input, Layout, Output, Scores, Sidecar, Size, fuzz_sidecar,
};
pub use tensor::Tensor;

/// A model with its sidecar.
#[derive(Debug)]
pub struct Model {
    session: Session,
    sidecar: Sidecar,
    file: String,
}

/// The sidecar's path.
fn beside(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}

impl Model {
    /// Loads a model. The sidecar and the file are looked at before the library.
    pub fn open(file: &Path, library: &Path, threads: usize) -> Result<Model, OnnxError> {
        let name = file.display().to_string();
        if !file.is_file() {
            let remedy = "give the path of an ONNX file; none is ever downloaded";
            return Err(OnnxError::given(format!("{name}: there is no such model"), remedy));
        }
        let path = beside(file);
        let text = std::fs::read_to_string(&path).map_err(|e| {
            OnnxError::given(
                format!("{}: {e}", path.display()),
                "write what goes into the model and what comes out of it there (spec/frontends.md)",
            )
        })?;
        let sidecar = Sidecar::parse(&text, &path.display().to_string())?;
        let session = Session::open(file, library, threads)?;
        Ok(Model { session, sidecar, file: name })
    }

    /// Its sidecar.
    pub fn sidecar(&self) -> &Sidecar {
        &self.sidecar
    }

    fn run(&self, picture: Picture<'_>) -> Result<(Outputs, Placed), OnnxError> {
        let input = &self.sidecar.input;
        let (tensor, placed) = prepare::prepare(input, picture);
        Ok((self.session.run(input.name.as_deref(), tensor)?, placed))
    }

    fn cannot(&self, what: &str) -> OnnxError {
        OnnxError::given(
            format!("{}: its sidecar says that it gives no {what}", self.file),
            "give another model",
        )
    }

    /// Numbers of a depth model over `to` pixels (columns, rows) of a picture, and what they mean.
    pub fn depth(
        &self,
        picture: Picture<'_>,
        to: (usize, usize),
    ) -> Result<(Vec<f32>, Depth), OnnxError> {
        let Output::Depth { name, meaning } = &self.sidecar.output else {
            return Err(self.cannot("depth"));
        };
        let (out, placed) = self.run(picture)?;
        let (name, t) = out.get(name.as_deref())?;
        Ok((outputs::depth(t, name, &placed, to)?, *meaning))
    }

    /// The things in a picture, the surest first where the model says boxes.
    pub fn things(&self, picture: Picture<'_>) -> Result<Vec<Found>, OnnxError> {
        let names = &self.sidecar.classes;
        match &self.sidecar.output {
            Output::Depth { .. } => Err(self.cannot("things")),
            Output::Boxes(spec) => {
                let (out, placed) = self.run(picture)?;
                outputs::boxes(spec, names.len(), &placed, |n| out.get(Some(n)).map(|t| t.1))
            }
            Output::Classes { name, threshold, stuff, least } => {
                let (out, placed) = self.run(picture)?;
                let (name, t) = out.get(name.as_deref())?;
                let thing = |c: usize| !names[c].is_empty() && !stuff.contains(&names[c]);
                outputs::classes(t, name, names.len(), &placed, *threshold, *least, thing)
            }
        }
    }
}
