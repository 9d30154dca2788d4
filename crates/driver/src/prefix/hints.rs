//! Hints: what a name, an argument, a text or a number may be at the end of a live text, from the operation
//! table, the standard library, the program so far and the memory. A hint is what fits the place; that
//! something is not hinted says nothing.

use reasmory_scene::Manifest;
use reasmory_sema::catalogue;
use reasmory_syntax::prefix::{Argument, Context, Inside, Kind, Place, Prefix, context};
use reasmory_types::{Dim, Direction, Ty, UNITS};

/// Texts of one sort that may stand at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// `operation`, `name`, `field`, `argument`, `category`, `direction`, `photo`, `unit` or `type`.
    pub sort: &'static str,
    /// Byte from which each replaces the end of the text.
    pub from: usize,
    /// The texts, whole; sorted, or in the order of their list.
    pub texts: Vec<String>,
}

/// The hints at the end of the live text `text`.
pub(super) fn hints(
    text: &str,
    prefix: &Prefix,
    scene: Option<&Manifest>,
    photos: Option<u32>,
) -> Vec<Hint> {
    let tail = prefix.tail();
    let inside = tail.as_ref().map(|t| t.inside);
    let from = tail.as_ref().map_or(text.len(), |t| t.start);
    if inside == Some(Inside::Comment) || inside == Some(Inside::Sign) {
        return Vec::new();
    }
    let c = context(&text[..from]);
    let written = &text[from..];
    let next = if tail.is_some() { Prefix::of(&text[..from]).next() } else { prefix.next() };
    let may = |kind| next.here.own.contains(&kind);
    let mut out = Vec::new();
    let mut add = |sort, texts: Vec<String>| {
        let texts: Vec<String> =
            texts.into_iter().filter(|t| t.starts_with(written) && t != written).collect();
        if !texts.is_empty() {
            out.push(Hint { sort, from, texts });
        }
    };
    let ty = c.argument.as_ref().and_then(wanted);
    if may(Kind::UNIT) {
        add("unit", units(scene));
        return out;
    }
    let fresh = inside.is_none() || inside == Some(Inside::Word);
    if fresh && may(Kind::NAME) {
        names(&c, ty.as_ref(), &mut add);
    }
    if (inside.is_none() || inside == Some(Inside::Text)) && may(Kind::TEXT) {
        add("category", categories(&c, ty.as_ref(), scene));
    }
    if (inside.is_none() || inside == Some(Inside::Number)) && may(Kind::INT) {
        let photo = c.argument.as_ref().is_some_and(|a| a.callee == "photo" && a.starts);
        add("photo", photo.then_some(photos).flatten().map_or(Vec::new(), numbers));
    }
    out
}

/// The type of the parameter that the argument is for.
fn wanted(a: &Argument) -> Option<Ty> {
    let callable = catalogue::find(&a.callee)?;
    let params = &callable.signature().params;
    let index = a.index + usize::from(a.method);
    let param = match &a.name {
        Some(name) => params.iter().find(|p| p.name == *name)?,
        None => params.get(index)?,
    };
    Some(match &param.ty {
        Ty::List(inner) if a.in_list => (**inner).clone(),
        ty => ty.clone(),
    })
}

fn names(c: &Context, ty: Option<&Ty>, add: &mut impl FnMut(&'static str, Vec<String>)) {
    let all = catalogue::all();
    match c.place {
        Place::Member => {
            let takes = |c: &catalogue::Callable| !c.signature().params.is_empty();
            add(
                "operation",
                all.iter().filter(|c| takes(c)).map(|c| c.name().to_owned()).collect(),
            );
            add("field", fields());
        }
        Place::Type => add("type", types()),
        Place::New | Place::Unit => {}
        Place::Other => {
            if let Some(a) = c.argument.as_ref().filter(|a| a.starts && a.name.is_none()) {
                add("argument", arguments(a));
            }
            if ty.is_some_and(|t| *t == Ty::Direction || *t == Ty::Direction.list()) {
                add("direction", Direction::ALL.iter().map(|d| d.name().to_owned()).collect());
                add("name", c.names.clone());
                return;
            }
            add("name", c.names.clone());
            add("operation", all.iter().map(|c| c.name().to_owned()).collect());
        }
    }
}

/// Arguments that the call does not have yet, with their `=`.
fn arguments(a: &Argument) -> Vec<String> {
    let Some(callable) = catalogue::find(&a.callee) else { return Vec::new() };
    let positional = a.index - a.given.len().min(a.index) + usize::from(a.method);
    callable
        .signature()
        .params
        .iter()
        .enumerate()
        .filter(|(i, p)| *i >= positional.max(1) && !a.given.contains(&p.name))
        .map(|(_, p)| format!("{}=", p.name))
        .collect()
}

fn fields() -> Vec<String> {
    let records = [Ty::Point, Ty::Local, Ty::Size];
    let all = records.iter().filter_map(Ty::record).flat_map(|r| r.fields.iter().map(|f| f.0));
    all.map(str::to_owned).collect()
}

fn types() -> Vec<String> {
    let names = [
        "Angle",
        "Area",
        "Bool",
        "Box",
        "Category",
        "Direction",
        "Extent",
        "Image",
        "Int",
        "Length",
        "List",
        "Local",
        "Mark",
        "Number",
        "Object",
        "Photo",
        "Place",
        "Point",
        "Region",
        "Route",
        "Size",
        "Speed",
        "Text",
        "Time",
        "Track",
        "Vector",
        "View",
        "Volume",
    ];
    names.iter().filter(|n| **n == "List" || Ty::named(n).is_some()).map(|n| (*n).into()).collect()
}

/// Categories as literals, where a text can be a noun.
fn categories(c: &Context, ty: Option<&Ty>, scene: Option<&Manifest>) -> Vec<String> {
    let other = ty.is_some_and(|t| {
        matches!(t, Ty::Text | Ty::Direction | Ty::Bool | Ty::Int | Ty::Quantity(_))
    });
    let Some(scene) = scene.filter(|_| !c.remark && !other) else { return Vec::new() };
    scene.categories.iter().map(|e| reasmory_syntax::quote(&e.name)).collect()
}

/// Units, without those that need metres where there are none.
fn units(scene: Option<&Manifest>) -> Vec<String> {
    let metric = scene.is_none_or(|s| s.scale.is_metric());
    let lengths = [Dim::LENGTH, Dim::AREA, Dim::VOLUME, Dim::SPEED];
    UNITS.iter().filter(|u| metric || !lengths.contains(&u.dim)).map(|u| u.name.into()).collect()
}

fn numbers(photos: u32) -> Vec<String> {
    (1..=photos.min(MAX_PHOTOS)).map(|n| n.to_string()).collect()
}

/// Photo numbers that are listed.
const MAX_PHOTOS: u32 = 200;
