//! ONNX Runtime, loaded when it is needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::session::Session as Ort;
use ort::value::{DynValue, Tensor as Value};

use crate::OnnxError;
use crate::tensor::Tensor;

const INSTALL: &str = "install ONNX Runtime 1.17 or later (for instance `pip install onnxruntime`, or a release of \
                       github.com/microsoft/onnxruntime) and name its library: \
                       ORT_DYLIB_PATH=…/libonnxruntime.so or `--set onnxruntime=PATH`";

/// The library of this process: it is loaded once.
static LOADED: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// Name of the library where nobody names one.
const USUAL: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// The library's path: the one given, else that of `ORT_DYLIB_PATH`, else the system's.
pub fn library(given: Option<&Path>) -> PathBuf {
    let named = || std::env::var_os("ORT_DYLIB_PATH").filter(|v| !v.is_empty()).map(PathBuf::from);
    given.map(Path::to_owned).or_else(named).unwrap_or_else(|| PathBuf::from(USUAL))
}

fn environment(path: &Path) -> Result<Environment, OnnxError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, env)) = &*loaded {
        if of == path {
            return Ok(env.clone());
        }
        return Err(OnnxError::given(
            format!(
                "ONNX Runtime was loaded from {} already, not {}",
                of.display(),
                path.display()
            ),
            "name one library",
        ));
    }
    // A library that is there but of another kind must not end the process: `ort` panics on some.
    let made = std::panic::catch_unwind(|| {
        ort::init_from(path)
            .map_err(|e| e.to_string())?
            .with_telemetry(false)
            .build()
            .map_err(|e| e.to_string())
    });
    let made = made.unwrap_or_else(|_| Err("it is no ONNX Runtime of a usable version".into()));
    let env = made.map_err(|e| {
        OnnxError::given(
            format!("ONNX Runtime ({}) cannot be loaded: {e}", path.display()),
            INSTALL,
        )
    })?;
    *loaded = Some((path.to_owned(), env.clone()));
    Ok(env)
}

/// A model that is loaded.
pub struct Session {
    ort: Mutex<Ort>,
    file: String,
    inputs: Vec<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Session {
    /// Loads the model of a file.
    pub fn open(file: &Path, library: &Path, threads: usize) -> Result<Session, OnnxError> {
        let name = file.display().to_string();
        let env = environment(library)?;
        let bad = |e: String| {
            OnnxError::given(
                format!("{name}: cannot be loaded: {e}"),
                "give an ONNX model that ONNX Runtime reads",
            )
        };
        let ort = Ort::builder(&env)
            .and_then(|b| Ok(b.with_intra_threads(threads.max(1))?))
            .and_then(|mut b| b.commit_from_file(file))
            .map_err(|e| bad(e.to_string()))?;
        let inputs = ort.inputs().iter().map(|i| i.name().to_owned()).collect();
        Ok(Session { ort: Mutex::new(ort), file: name, inputs })
    }

    /// Runs the model on one input; its outputs by name, in the model's order as well.
    pub fn run(&self, name: Option<&str>, input: Tensor) -> Result<Outputs, OnnxError> {
        let fails = |e: String| {
            OnnxError::model(
                format!("{}: {e}", self.file),
                "check what the sidecar says of the model",
            )
        };
        let name = match (name, &self.inputs[..]) {
            (Some(n), all) if all.iter().any(|i| i == n) => n,
            (None, [one]) => one,
            (named, all) => {
                let what = named
                    .map_or("no input is named".into(), |n| format!("there is no input `{n}`"));
                return Err(fails(format!("{what}; its inputs are {}", all.join(", "))));
            }
        };
        let shape: Vec<i64> = input.shape.iter().map(|n| *n as i64).collect();
        let value = Value::from_array((shape, input.data)).map_err(|e| fails(e.to_string()))?;
        let mut ort = self.ort.lock().unwrap_or_else(PoisonError::into_inner);
        let made = ort.run(ort::inputs![name => value]).map_err(|e| fails(e.to_string()))?;
        let mut out = Outputs { file: self.file.clone(), ..Outputs::default() };
        for (name, v) in &made {
            if let Some(t) = read(&v) {
                out.order.push(name.to_owned());
                out.all.insert(name.to_owned(), t);
            }
        }
        Ok(out)
    }
}

fn read(v: &DynValue) -> Option<Tensor> {
    macro_rules! as_floats {
        ($($t:ty),*) => {$(
            if let Ok((shape, data)) = v.try_extract_tensor::<$t>() {
                let shape: Option<Vec<usize>> = shape.iter().map(|n| usize::try_from(*n).ok()).collect();
                return Tensor::new(shape?, data.iter().map(|x| *x as f32).collect());
            }
        )*};
    }
    as_floats!(f32, f64, i64, i32, u8);
    None
}

/// What a model gave: its tensors of numbers.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    file: String,
    order: Vec<String>,
    all: BTreeMap<String, Tensor>,
}

impl Outputs {
    /// A tensor by its name; the only one where none is named.
    pub fn get(&self, name: Option<&str>) -> Result<(&str, &Tensor), OnnxError> {
        let found = match (name, &self.order[..]) {
            (Some(n), _) => self.all.get_key_value(n),
            (None, [one]) => self.all.get_key_value(one),
            (None, _) => None,
        };
        found.map(|(n, t)| (n.as_str(), t)).ok_or_else(|| {
            let what = name.map_or("no output is named".into(), |n| {
                format!("there is no output `{n}` of numbers")
            });
            OnnxError::model(
                format!("{}: {what}; its outputs are {}", self.file, self.order.join(", ")),
                "name one in the sidecar",
            )
        })
    }
}
