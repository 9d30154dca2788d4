//! `render`: a picture of a memory without a program.

use reasmory_geom::{Point3, View};
use reasmory_render::{Antialias, EgoOptions, Mark, TopOptions, depth_image, ego, encode_png, top};
use reasmory_render::{Format, SideOptions, normal_image, side};

use reasmory_scene::Rgb8;

use crate::{Failure, Scene};

/// Longest side of a photo with instances over it, pixels.
const OVERLAY: u32 = 1920;

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is seen from a view.
    Ego,
    /// From above, photographic.
    Top,
    /// From above, semantic.
    Plan,
    /// Depth from a view.
    Depth,
    /// Normals from a view, as colours.
    Normal,
    /// From a side: level and orthographic, with a scale of heights.
    Side,
}

/// From where.
#[derive(Clone, Debug, Default)]
pub struct Viewpoint {
    /// A photo's own view.
    pub photo: Option<u32>,
    /// An eye.
    pub at: Option<[f64; 3]>,
    /// What the eye looks at.
    pub look_at: Option<[f64; 3]>,
    /// Which way a view from a side looks, degrees counter-clockwise from +X; that of the view where one is given.
    pub heading: Option<f64>,
}

/// The file of a picture of a scene, in the format that its name asks for: PNG, JPEG or WebP.
pub fn render(
    scene: &Scene,
    kind: Kind,
    from: &Viewpoint,
    size: (u32, u32),
    name: &str,
) -> Result<Vec<u8>, Failure> {
    let Some(format) = Format::of_name(name) else {
        let what = format!("`{name}` has no known ending");
        return Err(Failure::new(what, "end it in .png, .jpg or .webp"));
    };
    format
        .encode(&pixels(scene, kind, from, size)?)
        .map_err(|e| Failure::new(e.to_string(), "choose another size or view"))
}

/// The same as pixels.
pub fn pixels(
    scene: &Scene,
    kind: Kind,
    from: &Viewpoint,
    size: (u32, u32),
) -> Result<Rgb8, Failure> {
    let fail = |e: reasmory_render::RenderError| {
        Failure::new(e.to_string(), "choose another size or view")
    };
    let (width, height) = size;
    let image = match kind {
        Kind::Ego | Kind::Depth | Kind::Normal => {
            let view = view(scene, from)?;
            let antialias = if kind == Kind::Ego { Antialias::Edges } else { Antialias::Off };
            let normals = kind == Kind::Normal;
            let options = EgoOptions { width, height, antialias, normals, ..EgoOptions::default() };
            let render = ego(&scene.memory, scene.cloud(), &view, &options).map_err(fail)?;
            match kind {
                Kind::Depth => depth_image(&render),
                Kind::Normal => normal_image(&render),
                _ => render.image,
            }
        }
        Kind::Side => {
            let heading = match (from.heading, from.photo.is_some() || from.at.is_some()) {
                (Some(h), _) => h,
                (None, true) => view(scene, from)?.heading(),
                (None, false) => 90.0,
            };
            let options = SideOptions {
                width,
                height,
                heading,
                all_instances: true,
                ..SideOptions::default()
            };
            side(&scene.memory, scene.cloud(), &options).map_err(fail)?.image
        }
        Kind::Top | Kind::Plan => {
            let m = scene.memory.manifest();
            let mut marks: Vec<Mark> = (1..=m.instances.len() as u32).map(Mark::Instance).collect();
            marks.extend(m.photos.iter().map(|p| Mark::Photo(p.number)));
            if from.photo.is_some() || from.at.is_some() {
                marks.push(Mark::View { view: view(scene, from)?, label: "viewer".into() });
            }
            let options = TopOptions {
                width,
                height,
                marks: &marks,
                photographic: kind == Kind::Top,
                ..TopOptions::default()
            };
            top(&scene.memory, scene.cloud(), &options).map_err(fail)?.image
        }
    };
    Ok(image)
}

/// A PNG of a photo with the instances over it, at the photo's size; over what the memory shows from there
/// where the photo's picture is not stored.
pub fn instances_over_photo(scene: &Scene, number: u32) -> Result<Vec<u8>, Failure> {
    let m = scene.memory.manifest();
    let fail =
        |e: reasmory_render::RenderError| Failure::new(e.to_string(), "choose another photo");
    let Some(photo) = m.photo(number) else {
        let remedy = format!("the memory has photos 1 to {}", m.photos.len());
        return Err(Failure::new(format!("there is no photo {number}"), remedy));
    };
    let longer = photo.pinhole.width.max(photo.pinhole.height).max(1);
    let scale = f64::from(longer.min(OVERLAY)) / f64::from(longer);
    let side = |s: u32| ((f64::from(s) * scale).round() as u32).max(1);
    let (width, height) = (side(photo.pinhole.width), side(photo.pinhole.height));
    let options = EgoOptions { width, height, ..EgoOptions::default() };
    let seen = ego(&scene.memory, scene.cloud(), &photo.view(), &options).map_err(fail)?;
    let under = match scene.memory.photo_pixels(number) {
        Ok(p) => reasmory_render::resize(&p, width, height).map_err(fail)?,
        Err(_) => seen.image.clone(),
    };
    encode_png(&reasmory_render::overlay(&under, &seen, m).map_err(fail)?).map_err(fail)
}

fn view(scene: &Scene, from: &Viewpoint) -> Result<View, Failure> {
    let m = scene.memory.manifest();
    if let Some(n) = from.photo {
        return m.photo(n).map(reasmory_scene::Photo::view).ok_or_else(|| {
            Failure::new(
                format!("there is no photo {n}"),
                format!("the memory has photos 1 to {}", m.photos.len()),
            )
        });
    }
    let (Some(at), Some(to)) = (from.at, from.look_at) else {
        return Err(Failure::new(
            "no viewpoint is given",
            "give `--photo N`, or `--at x,y,z --look-at x,y,z`",
        ));
    };
    View::looking_at(Point3::from(at), Point3::from(to), m.no_side()).ok_or_else(|| {
        Failure::new("the eye and what it looks at coincide", "choose two different points")
    })
}
