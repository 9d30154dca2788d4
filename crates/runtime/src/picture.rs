//! Pictures of a run.
//!
//! Nothing in a program can look at a picture, so what is seen from a view is drawn when the run has ended:
//! all views in sweeps over the points, and only of pictures that are shown. What can go wrong with a
//! picture is found out where it is made, so that its fault is there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use reasmory_geom::View;
use reasmory_ir::Loc;
use reasmory_render::{Antialias, EgoOptions, EgoRender, Mark as Drawn, Rect};
use reasmory_scene::Rgb8;

use crate::{Evidence, EvidenceImage, Fault, FaultKind, Run, caption, engine, judge};

/// Most views of one sweep: each takes some ten megabytes until it is a picture.
const SWEEP: usize = 8;

/// A picture: drawn, or still to be drawn.
#[derive(Debug)]
pub struct Picture(Content);

#[derive(Debug)]
enum Content {
    Made(Arc<EvidenceImage>),
    Awaited(Awaited),
    /// Pictures in rows of so many. None of them is such a picture.
    Sheet(Vec<Arc<Picture>>, usize),
}

impl From<EvidenceImage> for Picture {
    fn from(made: EvidenceImage) -> Picture {
        Picture(Content::Made(Arc::new(made)))
    }
}

impl Picture {
    /// What it is: see [`EvidenceImage::kind`].
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Content::Made(image) => image.kind,
            Content::Awaited(a) => a.kind.name(),
            Content::Sheet(..) => SHEET,
        }
    }

    /// Pictures in rows of so many; `None` where one is itself a sheet.
    pub(crate) fn sheet(parts: Vec<Arc<Picture>>, columns: usize) -> Option<Picture> {
        let flat = parts.iter().all(|p| !matches!(p.0, Content::Sheet(..)));
        flat.then_some(Picture(Content::Sheet(parts, columns)))
    }

    /// What has to be drawn for it.
    fn parts(self: &Arc<Picture>) -> &[Arc<Picture>] {
        match &self.0 {
            Content::Sheet(parts, _) => parts,
            _ => std::slice::from_ref(self),
        }
    }
}

const SHEET: &str = "sheet";

/// What is made of views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What is seen from one view.
    Ego,
    /// How far it is, from one view.
    Depth,
    /// Several views side by side.
    Strip,
    /// A view, and beside it what of it is looked at, larger.
    Zoom,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Ego => "ego",
            Kind::Depth => "depth",
            Kind::Strip => "strip",
            Kind::Zoom => "zoom",
        }
    }
}

#[derive(Debug)]
struct Awaited {
    kind: Kind,
    views: Vec<View>,
    /// How the program got to each view: a later view may be equal.
    told: Vec<Option<String>>,
    marks: Vec<Drawn>,
    options: EgoOptions,
    /// The operation that makes it.
    loc: Loc,
}

/// A picture from views, to be drawn when the run has ended. Only objects can be outlined in it.
pub(crate) fn awaited(
    run: &mut Run<'_>,
    kind: Kind,
    views: Vec<View>,
    mut marks: Vec<Drawn>,
    side: u32,
) -> Result<Picture, Fault> {
    marks.retain(|m| matches!(m, Drawn::Instance(_)));
    // A photo's lens is fitted into the square: all of the photo, and more of the surroundings.
    let side = side.clamp(1, reasmory_render::MAX_SIDE);
    let ids =
        marks.iter().filter_map(|m| if let Drawn::Instance(id) = m { Some(*id) } else { None });
    let options = EgoOptions {
        width: side,
        height: side,
        marks: ids.collect(),
        // Depths are not mixed.
        antialias: if kind == Kind::Depth { Antialias::Off } else { Antialias::Edges },
        ..EgoOptions::default()
    };
    for v in &views {
        run.spend_render()?;
        reasmory_render::check_ego(run.memory(), v, &options)?;
    }
    let told = views.iter().map(|v| run.history().of(v).map(str::to_owned)).collect();
    let loc = run.loc();
    Ok(Picture(Content::Awaited(Awaited { kind, views, told, marks, options, loc })))
}

/// Draws what was shown. Where that fails, or the run is to end, what is drawn by then, and the fault.
pub(crate) fn draw(
    run: &Run<'_>,
    shown: &[(Arc<Picture>, Loc)],
) -> (Vec<Evidence>, Option<(Fault, Loc)>) {
    let mut made: Vec<(*const Picture, Arc<EvidenceImage>)> = Vec::new();
    let mut sweep: Vec<(*const Picture, &Awaited)> = Vec::new();
    let mut failed = None;
    let parts: Vec<&Arc<Picture>> = shown.iter().flat_map(|(p, _)| p.parts()).collect();
    let last = parts.len();
    for i in 0..=last {
        let next = parts.get(i).and_then(|p| match &p.0 {
            Content::Awaited(a) => Some((Arc::as_ptr(p), a)),
            _ => None,
        });
        let views: usize = sweep.iter().map(|(_, a)| a.views.len()).sum();
        let more = next.map_or(0, |(_, a)| a.views.len());
        if !sweep.is_empty() && (i == last || views + more > SWEEP) {
            match at_once(run, &sweep) {
                Ok(images) => made.extend(sweep.drain(..).map(|(p, _)| p).zip(images)),
                Err(fault) => {
                    failed = Some((fault, sweep[0].1.loc));
                    break;
                }
            }
        }
        if let Some((p, a)) = next
            && !made.iter().any(|m| m.0 == p)
            && !sweep.iter().any(|s| s.0 == p)
        {
            sweep.push((p, a));
        }
    }
    let mut out = Vec::with_capacity(shown.len());
    let finished = |picture: &Arc<Picture>| match &picture.0 {
        Content::Made(image) => Some(Arc::clone(image)),
        _ => made.iter().find(|m| m.0 == Arc::as_ptr(picture)).map(|m| Arc::clone(&m.1)),
    };
    for (picture, loc) in shown {
        let image = match &picture.0 {
            Content::Sheet(parts, columns) => {
                let parts: Option<Vec<_>> = parts.iter().map(finished).collect();
                match parts.map(|p| sheet(&p, *columns)).transpose() {
                    Ok(image) => image.map(Arc::new),
                    Err(fault) => {
                        failed = failed.or(Some((fault, *loc)));
                        None
                    }
                }
            }
            _ => finished(picture),
        };
        // What comes after a picture that could not be drawn would have an earlier place.
        let Some(image) = image else { break };
        out.push(Evidence { image, loc: *loc });
    }
    (out, failed)
}

/// Finished pictures in rows, numbered, with the captions of all.
fn sheet(parts: &[Arc<EvidenceImage>], columns: usize) -> Result<EvidenceImage, Fault> {
    let cells: Vec<(Rgb8, String)> =
        parts.iter().enumerate().map(|(i, p)| (p.pixels.clone(), (i + 1).to_string())).collect();
    let (pixels, places) = reasmory_render::sheet(&cells, columns)?;
    let mut out = EvidenceImage {
        kind: SHEET,
        pixels,
        caption: format!("{} pictures, numbered.", parts.len()),
        coverage: parts.iter().map(|p| p.coverage).sum::<f64>() / parts.len() as f64,
        visible: Vec::new(),
        objects: Vec::new(),
        missing: Vec::new(),
    };
    for (i, (part, place)) in parts.iter().zip(places).enumerate() {
        let number = i as u32 + 1;
        out.caption.push_str(&format!(" {number}: {}", part.caption));
        take_in(&mut out, part, place, number);
    }
    Ok(out)
}

/// Adds what a picture shows to the larger one that it is a panel of.
fn take_in(whole: &mut EvidenceImage, part: &EvidenceImage, place: Rect, number: u32) {
    for name in &part.visible {
        if !whole.visible.contains(name) {
            whole.visible.push(name.clone());
        }
    }
    let size = (part.pixels.width, part.pixels.height);
    whole.objects.extend(judge::moved(part.objects.clone(), size, place, number));
    for m in &part.missing {
        if !whole.missing.contains(m) {
            whole.missing.push(m.clone());
        }
    }
    // What one panel shows is not missing.
    let (objects, missing) = (&whole.objects, &mut whole.missing);
    missing.retain(|m| objects.iter().all(|o| o.id != m.id));
}

/// One sweep: the pictures in the order given.
fn at_once(
    run: &Run<'_>,
    sweep: &[(*const Picture, &Awaited)],
) -> Result<Vec<Arc<EvidenceImage>>, Fault> {
    run.poll()?;
    let drawn = || -> Result<Vec<Arc<EvidenceImage>>, Fault> {
        let wanted: Vec<(&View, &EgoOptions)> =
            sweep.iter().flat_map(|(_, a)| a.views.iter().map(|v| (v, &a.options))).collect();
        let mut renders =
            reasmory_render::egos_each(run.memory(), run.cloud(), &wanted)?.into_iter();
        let compose = |(_, a): &(_, &Awaited)| {
            let own: Vec<EgoRender> = renders.by_ref().take(a.views.len()).collect();
            a.image(run, own).map(Arc::new)
        };
        sweep.iter().map(compose).collect()
    };
    // As at every step of a run, a panic is a fault.
    catch_unwind(AssertUnwindSafe(drawn)).unwrap_or_else(|panic| {
        let what = format!("drawing panicked: {}", engine::words(&*panic));
        Err(Fault::new(FaultKind::Internal, what))
    })
}

fn names(run: &Run<'_>, render: &EgoRender) -> Vec<String> {
    render.visible.iter().map(|v| run.manifest().instance_name(v.id)).collect()
}

/// A sentence for memories whose pictures show boxes.
pub(crate) fn boxes_only(run: &Run<'_>) -> &'static str {
    if run.points().is_some() { "" } else { "Boxes alone: the memory has no points." }
}

impl Awaited {
    /// The picture, of what its views show.
    fn image(&self, run: &Run<'_>, mut renders: Vec<EgoRender>) -> Result<EvidenceImage, Fault> {
        match self.kind {
            Kind::Strip | Kind::Zoom => self.strip(run, renders),
            Kind::Ego | Kind::Depth => {
                let one = (renders.pop(), self.views.first(), self.told.first());
                let (Some(render), Some(view), Some(told)) = one else {
                    return Err(Fault::new(FaultKind::Internal, "a picture without a view"));
                };
                Ok(match self.kind {
                    Kind::Depth => depth(run, view, told.as_deref(), &render),
                    _ => self.ego(run, view, told.as_deref(), render),
                })
            }
        }
    }

    fn ego(
        &self,
        run: &Run<'_>,
        view: &View,
        told: Option<&str>,
        render: EgoRender,
    ) -> EvidenceImage {
        let m = run.manifest();
        let coverage = f64::from(render.coverage);
        let missing = judge::missing(m, view, &render, &self.options.marks);
        let mut seen = self.marks.clone();
        seen.retain(|k| render.visible.iter().any(|v| *k == Drawn::Instance(v.id)));
        let text = caption::join(&[
            &caption::viewpoint(m, view, told),
            &caption::contents(m, &render),
            &caption::marks(run, &seen),
            &caption::missing(&missing),
            boxes_only(run),
            &caption::unknown(coverage),
        ]);
        EvidenceImage {
            kind: Kind::Ego.name(),
            visible: names(run, &render),
            objects: judge::shown(m, &render),
            missing,
            pixels: render.image,
            caption: text,
            coverage,
        }
    }

    fn strip(&self, run: &Run<'_>, renders: Vec<EgoRender>) -> Result<EvidenceImage, Fault> {
        let m = run.manifest();
        let mut panels: Vec<EvidenceImage> = Vec::new();
        let mut lines = Vec::new();
        for (i, ((v, told), render)) in self.views.iter().zip(&self.told).zip(renders).enumerate() {
            let way = match (self.kind, i) {
                (Kind::Zoom, 1..) => format!("the same, {:.0}° wide", caption::fov(v)),
                _ => told.clone().unwrap_or_else(|| caption::brief(m, v)),
            };
            let contents = caption::contents(m, &render);
            let unknown = caption::unknown(f64::from(render.coverage));
            lines.push(caption::join(&[&format!("{}: {way}.", i + 1), &contents, &unknown]));
            panels.push(EvidenceImage {
                kind: Kind::Ego.name(),
                visible: names(run, &render),
                objects: judge::shown(m, &render),
                missing: judge::missing(m, v, &render, &self.options.marks),
                coverage: f64::from(render.coverage),
                pixels: render.image,
                caption: String::new(),
            });
        }
        let cells: Vec<(Rgb8, String)> = panels
            .iter()
            .enumerate()
            .map(|(i, p)| (p.pixels.clone(), (i + 1).to_string()))
            .collect();
        let (pixels, places) = reasmory_render::sheet(&cells, cells.len())?;
        let mut out = EvidenceImage {
            kind: self.kind.name(),
            pixels,
            caption: String::new(),
            coverage: panels.iter().map(|p| p.coverage).sum::<f64>() / panels.len() as f64,
            visible: Vec::new(),
            objects: Vec::new(),
            missing: Vec::new(),
        };
        for (i, (panel, place)) in panels.iter().zip(places).enumerate() {
            take_in(&mut out, panel, place, i as u32 + 1);
        }
        lines.insert(0, format!("{} views, side by side.", self.views.len()));
        lines.push(caption::missing(&out.missing));
        lines.push(boxes_only(run).to_owned());
        let sentences: Vec<&str> = lines.iter().map(String::as_str).collect();
        out.caption = caption::join(&sentences);
        Ok(out)
    }
}

fn depth(run: &Run<'_>, view: &View, told: Option<&str>, render: &EgoRender) -> EvidenceImage {
    let coverage = f64::from(render.coverage);
    let text = caption::join(&[
        "Depth, near warm and far cold.",
        &caption::viewpoint(run.manifest(), view, told),
        boxes_only(run),
        &caption::unknown(coverage),
    ]);
    EvidenceImage {
        kind: Kind::Depth.name(),
        pixels: reasmory_render::depth_image(render),
        caption: text,
        coverage,
        visible: names(run, render),
        objects: judge::shown(run.manifest(), render),
        missing: Vec::new(),
    }
}
