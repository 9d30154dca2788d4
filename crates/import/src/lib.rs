//! Sources of the world to memories.
//!
//! [`detect`] tells formats apart by content, [`scenes`] lists what a source holds and [`import()`] makes a
//! [`Memory`] of one scene, in the project's fixed conventions (see `spec/importers.md`). Everything that
//! was assumed or estimated on the way is a note in the memory's provenance.
#![forbid(unsafe_code)]

mod cells;
mod cloud;
mod colmap;
mod csv;
mod error;
mod exported;
mod files;
mod fronts;
mod fuzz;
mod gltf;
mod json;
mod masks;
mod npz;
mod opensfm;
mod posed;
mod predictions;
mod rgbd;
mod scenes;
mod sparse;
mod transforms;
mod upright;
mod vsi;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use colmap::{ColmapImage, ColmapModel, ColmapPoint, read_colmap};
pub use error::ImportError;
pub use fuzz::{
    fuzz_coco, fuzz_colmap_cameras, fuzz_colmap_images, fuzz_colmap_points, fuzz_colmap_text,
    fuzz_dsg, fuzz_exported, fuzz_gltf, fuzz_house, fuzz_npz, fuzz_objects, fuzz_opensfm, fuzz_pcd,
    fuzz_ply, fuzz_pose, fuzz_predictions, fuzz_spatiallm, fuzz_trajectory, fuzz_transforms,
    fuzz_vla3d, fuzz_vsi,
};
pub use npz::{Array, Npz};
pub use posed::{Posed, Shot, Sparse, assemble};
use reasmory_geom::Pinhole;
use reasmory_ground::Mask;
use reasmory_scene::{Memory, Rgb8};
pub use rgbd::{
    Fusion, PosedDepth, UnposedDepth, fuse_posed_depth, is_unposed_depth, read_posed_depth,
};

/// A source format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// VSI-Bench scene metadata: JSON with labelled oriented boxes.
    VsiMetadata,
    /// `condition.npz` (intrinsics, poses, depths) with a folder `rgb`.
    NpzRgbd,
    /// The archive of a reconstruction model: depth or points of pixels, cameras, confidences.
    ModelNpz,
    /// Colour and depth folders with a `.log` trajectory, as Open3D reads them.
    Open3dRgbd,
    /// A TUM RGB-D sequence.
    TumRgbd,
    /// A ScanNet scan, exported to pictures, poses and intrinsics.
    ScanNet,
    /// A 7-Scenes sequence.
    SevenScenes,
    /// A COLMAP sparse model, binary or text.
    Colmap,
    /// `transforms.json` of nerfstudio or instant-ngp: cameras with OpenGL axes.
    Transforms,
    /// An OpenSfM `reconstruction.json`.
    OpenSfm,
    /// VLA-3D scenes: tables of objects and regions.
    Vla3d,
    /// A Spark-DSG scene graph as JSON.
    SparkDsg,
    /// A Matterport `.house` file.
    MatterportHouse,
    /// A layout of SpatialLM: text of walls, doors, windows and boxes.
    SpatialLm,
    /// A list of objects with tags and boxes, as ConceptGraphs writes it.
    ObjectList,
    /// glTF 2.0: points, surfaces and named nodes, as a container (GLB) or as JSON.
    Gltf,
    /// A PCD point cloud, with or without labels.
    Pcd,
    /// A PLY point cloud, with or without labels.
    Ply,
    /// JSON of a memory that was exported.
    SceneJson,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 19] = [
        Format::VsiMetadata,
        Format::NpzRgbd,
        Format::ModelNpz,
        Format::Open3dRgbd,
        Format::TumRgbd,
        Format::ScanNet,
        Format::SevenScenes,
        Format::Colmap,
        Format::Transforms,
        Format::OpenSfm,
        Format::Vla3d,
        Format::SparkDsg,
        Format::MatterportHouse,
        Format::SpatialLm,
        Format::ObjectList,
        Format::Gltf,
        Format::Pcd,
        Format::Ply,
        Format::SceneJson,
    ];

    /// The format's name, as on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::VsiMetadata => "vsi-metadata",
            Format::NpzRgbd => "npz-rgbd",
            Format::ModelNpz => "model-npz",
            Format::Open3dRgbd => "open3d-rgbd",
            Format::TumRgbd => "tum-rgbd",
            Format::ScanNet => "scannet-rgbd",
            Format::SevenScenes => "7scenes-rgbd",
            Format::Colmap => "colmap",
            Format::Transforms => "transforms",
            Format::OpenSfm => "opensfm",
            Format::Vla3d => "vla3d",
            Format::SparkDsg => "spark-dsg",
            Format::MatterportHouse => "matterport-house",
            Format::SpatialLm => "spatiallm",
            Format::ObjectList => "object-list",
            Format::Gltf => "gltf",
            Format::Pcd => "pcd",
            Format::Ply => "ply",
            Format::SceneJson => "scene-json",
        }
    }

    /// Whether a source in this format may hold several scenes, so that [`ImportOptions::scene`] chooses.
    pub fn has_scenes(self) -> bool {
        matches!(
            self,
            Format::VsiMetadata
                | Format::SevenScenes
                | Format::Vla3d
                | Format::SpatialLm
                | Format::Gltf
                | Format::Pcd
                | Format::Ply
        )
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|f| f.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What to import and how.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Which scene, where the source holds several.
    pub scene: Option<String>,
    /// The format; detected by content when absent.
    pub format: Option<Format>,
    /// Edge of the fusion grid's cells, metres (posed RGB-D; default 0.02), or distance of the samples of
    /// surfaces (glTF; default a 400th of the diagonal).
    pub voxel: Option<f64>,
    /// Most views to fuse (posed RGB-D; default 120, evenly spaced).
    pub max_views: Option<usize>,
    /// Depth units per metre (16-bit depth pictures; default 1000, TUM 5000).
    pub depth_scale: Option<f64>,
    /// Intrinsics, where the source has none or they are to be overridden (Open3D and TUM folders), with
    /// the centre of the top-left pixel at (0.5, 0.5).
    pub pinhole: Option<Pinhole>,
    /// Whether lengths are metres in a source that does not say (PLY and reconstructions from pictures);
    /// without it such a memory has a relative scale.
    pub metric: bool,
    /// Instance masks of the photos: a COCO JSON file, or a folder of label maps or archives (posed RGB-D,
    /// and reconstructions with cameras: COLMAP, transforms, OpenSfM).
    pub masks: Option<PathBuf>,
    /// Labels that mean another: `couch` → `sofa`.
    pub synonyms: BTreeMap<String, String>,
}

/// An imported scene.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The memory; its pixels are read from the source's pictures when asked for.
    pub memory: Memory,
    /// Picture files of the photos that have one, by photo number, ascending.
    pub image_files: Vec<(u32, PathBuf)>,
    /// What was assumed or estimated: the notes of the memory's provenance.
    pub notes: Vec<String>,
}

/// Tells the format of a file or folder by its content.
///
/// Formats are tried in this order: exported memories, COLMAP, the layouts of posed RGB-D and archives of models, `transforms.json`, OpenSfM,
/// VLA-3D, Spark-DSG, Matterport, VSI metadata, SpatialLM, lists of objects, glTF, PCD, PLY. Bare clouds come last, as many other folders hold
/// some.
pub fn detect(path: &Path) -> Result<Format, ImportError> {
    if !path.exists() {
        return Err(ImportError::new(path, "", "does not exist", "check the path"));
    }
    type Test = (Format, fn(&Path) -> bool);
    let tests: [Test; 19] = [
        (Format::SceneJson, exported::is_source),
        (Format::Colmap, |p| colmap::find(p).is_some()),
        (Format::NpzRgbd, |p| rgbd::npz_source(p).is_some()),
        (Format::ModelNpz, |p| predictions::source(p).is_some()),
        (Format::TumRgbd, rgbd::tum::is_source),
        (Format::ScanNet, rgbd::scannet::is_source),
        (Format::SevenScenes, |p| !rgbd::seven_scenes::sequences(p).is_empty()),
        (Format::Open3dRgbd, |p| rgbd::open3d::find(p).is_some()),
        (Format::Transforms, |p| transforms::find(p).is_some()),
        (Format::OpenSfm, |p| opensfm::find(p).is_some()),
        (Format::Vla3d, scenes::vla3d::is_source),
        (Format::SparkDsg, |p| scenes::dsg::find(p).is_some()),
        (Format::MatterportHouse, |p| scenes::house::source(p).is_some()),
        (Format::VsiMetadata, vsi::is_source),
        (Format::SpatialLm, |p| !scenes::spatiallm::sources(p).is_empty()),
        (Format::ObjectList, |p| scenes::objects::find(p).is_some()),
        (Format::Gltf, |p| !gltf::sources(p).is_empty()),
        (Format::Pcd, |p| !cloud::sources(p, Format::Pcd).is_empty()),
        (Format::Ply, |p| !cloud::sources(p, Format::Ply).is_empty()),
    ];
    if let Some((format, _)) = tests.iter().find(|(_, is)| is(path)) {
        return Ok(*format);
    }
    let known: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
    Err(ImportError::new(
        path,
        "",
        "is in no format that is known",
        format!("give one of {} (spec/importers.md says what each looks like)", known.join(", ")),
    ))
}

/// Ids of the scenes in a source, sorted.
pub fn scenes(path: &Path, format: Format) -> Result<Vec<String>, ImportError> {
    match format {
        Format::VsiMetadata => vsi::scenes(path),
        Format::Vla3d => scenes::vla3d::scenes(path),
        Format::SpatialLm => scenes::spatiallm::scenes(path),
        Format::SevenScenes => {
            let all: Vec<_> = rgbd::seven_scenes::sequences(path);
            if all.is_empty() {
                return Err(rgbd::seven_scenes::absent(path));
            }
            Ok(all.iter().map(|p| rgbd::seven_scenes::id(p)).collect())
        }
        Format::Gltf => gltf::scenes(path),
        Format::Pcd | Format::Ply => cloud::scenes(path, format),
        _ => {
            if !path.exists() {
                return Err(ImportError::new(path, "", "does not exist", "check the path"));
            }
            Ok(vec![only_scene(path, format)])
        }
    }
}

/// The id of the one scene of a source whose format holds no more.
fn only_scene(path: &Path, format: Format) -> String {
    let file = match format {
        Format::SparkDsg if path.is_dir() => scenes::dsg::find(path),
        Format::MatterportHouse if path.is_dir() => scenes::house::source(path),
        Format::ObjectList if path.is_dir() => scenes::objects::find(path),
        Format::SparkDsg | Format::MatterportHouse | Format::ObjectList => Some(path.to_owned()),
        _ => None,
    };
    file.map_or_else(|| files::scene_name(path), |f| files::stem(&f))
}

/// Makes a memory of one scene of a source.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let format = match options.format {
        Some(f) => f,
        None => detect(path)?,
    };
    if let Some(scene) = &options.scene
        && !format.has_scenes()
    {
        let only = only_scene(path, format);
        if *scene != only {
            let what = format!("holds the scene `{only}`, not `{scene}`");
            return Err(ImportError::new(path, "", what, "leave the scene out or correct it"));
        }
    }
    if options.masks.is_some()
        && !matches!(
            format,
            Format::NpzRgbd
                | Format::ModelNpz
                | Format::Open3dRgbd
                | Format::TumRgbd
                | Format::ScanNet
                | Format::SevenScenes
                | Format::Colmap
                | Format::Transforms
                | Format::OpenSfm
        )
    {
        let what = format!("is {format}, which has no photos to lift masks from");
        let remedy = "give masks with posed RGB-D or a reconstruction with its cameras";
        return Err(ImportError::new(path, "masks", what, remedy));
    }
    match format {
        Format::VsiMetadata => vsi::import(path, options),
        Format::Colmap => colmap::import(path, options),
        Format::NpzRgbd
        | Format::Open3dRgbd
        | Format::TumRgbd
        | Format::ScanNet
        | Format::SevenScenes => {
            rgbd::import(path, &ImportOptions { format: Some(format), ..options.clone() })
        }
        Format::ModelNpz => predictions::import(path, options),
        Format::Transforms => transforms::import(path, options),
        Format::OpenSfm => opensfm::import(path, options),
        Format::Vla3d => scenes::vla3d::import(path, options),
        Format::SparkDsg => scenes::dsg::import(path),
        Format::MatterportHouse => scenes::house::import(path),
        Format::SpatialLm => scenes::spatiallm::import(path, options),
        Format::ObjectList => scenes::objects::import(path),
        Format::Gltf => gltf::import(path, options),
        Format::Pcd | Format::Ply => cloud::import(path, format, options),
        Format::SceneJson => exported::import(path),
    }
}

/// The masks of photos from files, as `masks` of [`ImportOptions`] takes them: for each photo, named with the
/// size its masks are wanted at, a list; and a note on what was read.
pub fn read_masks(
    source: &Path,
    photos: &[(String, (u32, u32))],
) -> Result<(Vec<Vec<Mask>>, String), ImportError> {
    let named =
        |(name, size): &(String, (u32, u32))| masks::PhotoName { name: name.clone(), size: *size };
    masks::read(source, &photos.iter().map(named).collect::<Vec<_>>())
}

/// Decodes a PNG or JPEG file, within the limits of every importer.
pub fn read_picture(path: &Path) -> Result<Rgb8, ImportError> {
    files::rgb(path)
}

/// Width and height of a PNG or JPEG file, from its head.
pub fn picture_size(path: &Path) -> Result<(u32, u32), ImportError> {
    files::dimensions(path)
}

/// Orders names with runs of digits compared as numbers.
pub fn natural_order(a: &str, b: &str) -> std::cmp::Ordering {
    files::natural(a, b)
}

/// A name for the scene at a path.
pub fn scene_name(path: &Path) -> String {
    files::scene_name(path)
}

/// The one file of a source that holds the chosen scene; `None` where there are no files at all.
fn choose(
    path: &Path,
    all: &[PathBuf],
    id: fn(&Path) -> String,
    options: &ImportOptions,
) -> Result<Option<PathBuf>, ImportError> {
    let wanted = |p: &&PathBuf| options.scene.as_ref().is_none_or(|s| id(p) == *s);
    let found: Vec<&PathBuf> = all.iter().filter(wanted).collect();
    match (&found[..], &options.scene) {
        _ if all.is_empty() => Ok(None),
        ([one], _) => Ok(Some((*one).clone())),
        ([], scene) => {
            let what = format!("has no scene `{}`", scene.as_deref().unwrap_or_default());
            let some: Vec<String> = all.iter().take(5).map(|p| id(p)).collect();
            let remedy = format!("its {} scenes begin {}", all.len(), some.join(", "));
            Err(ImportError::new(path, "", what, remedy))
        }
        ([first, ..], Some(s)) => {
            let what = format!("has the scene `{s}` more than once ({})", first.display());
            Err(ImportError::new(path, "", what, "give one of the files"))
        }
        (_, None) => {
            let some: Vec<String> = found.iter().take(5).map(|p| id(p)).collect();
            let what = format!("holds {} scenes, beginning {}", found.len(), some.join(", "));
            Err(ImportError::new(path, "", what, "say which scene to import"))
        }
    }
}
