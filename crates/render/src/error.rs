//! Why a picture cannot be made.

use std::fmt;

/// Largest width or height of a picture, pixels.
pub const MAX_SIDE: u32 = 8192;

/// Why a picture cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenderError {
    /// Width or height is zero or above [`MAX_SIDE`].
    Size {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// A view, point or region holds a number that is not finite, or a lens that is no lens.
    NotFinite(&'static str),
    /// There is no instance with this id.
    NoInstance(u32),
    /// There is no photo with this number.
    NoPhoto(u32),
    /// There is nothing to frame or compose.
    Nothing,
    /// A cloud and a memory that do not belong together.
    OtherCloud,
    /// A picture's pixels do not match its size, or it cannot be encoded.
    Picture(String),
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderError::Size { width, height } => {
                write!(
                    f,
                    "a picture of {width} × {height} pixels; each side must be 1 to {MAX_SIDE}"
                )
            }
            RenderError::NotFinite(what) => write!(f, "{what} holds a number that is not finite"),
            RenderError::NoInstance(id) => write!(f, "there is no instance {id}"),
            RenderError::NoPhoto(n) => write!(f, "there is no photo {n}"),
            RenderError::Nothing => write!(f, "there is nothing to draw"),
            RenderError::OtherCloud => write!(f, "the cloud was prepared from another memory"),
            RenderError::Picture(why) => write!(f, "a broken picture: {why}"),
        }
    }
}

impl std::error::Error for RenderError {}

/// Refuses sizes that are zero or too large.
pub(crate) fn check_size(width: u32, height: u32) -> Result<(), RenderError> {
    if (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height) {
        Ok(())
    } else {
        Err(RenderError::Size { width, height })
    }
}

/// Refuses views that hold NaN or infinity, or a lens that is none.
pub(crate) fn check_view(view: &reasmory_geom::View) -> Result<(), RenderError> {
    use reasmory_geom::Lens;
    let lens = match view.lens {
        Lens::Fov(f) => f.is_finite() && f > 0.0,
        Lens::Pinhole(p) => p.is_valid(),
    };
    let numbers = [view.residual, view.pitch, view.roll];
    let finite = view.eye.iter().chain(numbers.iter()).all(|x| x.is_finite());
    if finite && lens { Ok(()) } else { Err(RenderError::NotFinite("the view")) }
}

/// Refuses a cloud of another memory, as far as the number of rows can tell.
pub(crate) fn check_cloud(
    memory: &reasmory_scene::Memory,
    cloud: &crate::Cloud,
) -> Result<(), RenderError> {
    if cloud.len() == memory.points().len() { Ok(()) } else { Err(RenderError::OtherCloud) }
}
