//! What rooms of each use are furnished with, in order.

use crate::furniture::Kind;
use crate::place::{Placer, Spot};
use crate::rng::Rng;

/// One line of a recipe: kind, least and greatest number, spot by anchor.
pub(crate) type Line = (&'static str, usize, usize, At);

/// A spot relative to the first piece of a category.
#[derive(Clone, Copy)]
pub(crate) enum At {
    Own,
    On(&'static str),
    Around(&'static str),
    Facing(&'static str),
    Beside(&'static str),
    Opposite(&'static str),
}

/// Living rooms.
pub(crate) const LIVING: &[Line] = &[
    ("tv stand", 1, 1, At::Own),
    ("tv", 1, 1, At::On("tv stand")),
    ("sofa", 1, 1, At::Opposite("tv stand")),
    ("bookshelf", 1, 2, At::Own),
    ("table", 1, 1, At::Own),
    ("chair", 2, 4, At::Around("table")),
    ("rug", 0, 1, At::Own),
    ("coffee table", 1, 1, At::On("rug")),
    ("armchair", 0, 2, At::Own),
    ("lamp", 1, 2, At::Own),
    ("plant", 1, 2, At::Own),
    ("picture", 1, 3, At::Own),
    ("pillow", 1, 3, At::On("sofa")),
    ("vase", 0, 1, At::On("table")),
    ("book", 1, 2, At::On("coffee table")),
    ("trash bin", 0, 1, At::Own),
    ("box", 0, 2, At::Own),
];

/// Bedrooms.
pub(crate) const BEDROOM: &[Line] = &[
    ("bed", 1, 1, At::Own),
    ("nightstand", 2, 2, At::Beside("bed")),
    ("table lamp", 1, 1, At::On("nightstand")),
    ("wardrobe", 1, 1, At::Own),
    ("desk", 1, 1, At::Own),
    ("chair", 1, 1, At::Facing("desk")),
    ("monitor", 0, 1, At::On("desk")),
    ("book", 1, 2, At::On("desk")),
    ("dresser", 0, 1, At::Own),
    ("bookshelf", 0, 1, At::Own),
    ("chair", 1, 1, At::Own),
    ("rug", 0, 1, At::Own),
    ("pillow", 2, 2, At::On("bed")),
    ("lamp", 0, 1, At::Own),
    ("plant", 0, 1, At::Own),
    ("picture", 1, 2, At::Own),
    ("trash bin", 1, 1, At::Own),
    ("vase", 0, 1, At::On("dresser")),
    ("box", 0, 2, At::Own),
];

/// Kitchens.
pub(crate) const KITCHEN: &[Line] = &[
    ("refrigerator", 1, 1, At::Own),
    ("stove", 1, 1, At::Own),
    ("sink", 1, 1, At::Beside("stove")),
    ("cabinet", 1, 2, At::Own),
    ("microwave", 1, 1, At::On("cabinet")),
    ("table", 1, 1, At::Own),
    ("chair", 3, 5, At::Around("table")),
    ("vase", 1, 1, At::On("table")),
    ("stool", 0, 2, At::Own),
    ("trash bin", 1, 2, At::Own),
    ("plant", 0, 1, At::Own),
    ("picture", 0, 2, At::Own),
    ("box", 0, 1, At::Own),
];

/// Offices.
pub(crate) const OFFICE: &[Line] = &[
    ("desk", 2, 3, At::Own),
    ("office chair", 1, 1, At::Facing("desk")),
    ("monitor", 1, 2, At::On("desk")),
    ("whiteboard", 1, 1, At::Own),
    ("bookshelf", 1, 2, At::Own),
    ("cabinet", 0, 1, At::Own),
    ("sofa", 0, 1, At::Own),
    ("table", 1, 1, At::Own),
    ("chair", 2, 4, At::Around("table")),
    ("book", 1, 2, At::On("table")),
    ("box", 0, 2, At::On("cabinet")),
    ("lamp", 0, 1, At::Own),
    ("plant", 1, 2, At::Own),
    ("trash bin", 1, 2, At::Own),
    ("box", 1, 2, At::Own),
];

/// What living rooms have besides, where the whole catalogue is asked for.
pub(crate) const LIVING_MORE: &[Line] = &[
    ("fireplace", 0, 1, At::Own),
    ("piano", 0, 1, At::Own),
    ("speaker", 0, 2, At::Beside("tv stand")),
    ("ottoman", 0, 1, At::Own),
    ("side table", 0, 1, At::Beside("sofa")),
    ("cup", 1, 2, At::On("coffee table")),
    ("bottle", 0, 1, At::On("table")),
    ("radiator", 1, 1, At::Own),
    ("clock", 0, 1, At::Own),
    ("shelf", 0, 1, At::Own),
    ("coat rack", 0, 1, At::Own),
    ("shoe rack", 0, 1, At::Own),
    ("fan", 0, 1, At::Own),
];

/// As above, bedrooms.
pub(crate) const BEDROOM_MORE: &[Line] = &[
    ("bench", 0, 1, At::Own),
    ("laptop", 0, 1, At::On("desk")),
    ("mirror", 0, 1, At::Own),
    ("radiator", 0, 1, At::Own),
    ("basket", 0, 1, At::Own),
    ("ball", 1, 1, At::On("basket")),
    ("suitcase", 0, 1, At::Own),
    ("shelf", 0, 1, At::Own),
    ("clock", 0, 1, At::On("nightstand")),
    ("fan", 0, 1, At::Own),
];

/// As above, kitchens.
pub(crate) const KITCHEN_MORE: &[Line] = &[
    ("dishwasher", 0, 1, At::Beside("sink")),
    ("oven", 0, 1, At::Own),
    ("kettle", 1, 1, At::On("cabinet")),
    ("bowl", 1, 2, At::On("table")),
    ("cup", 0, 2, At::On("table")),
    ("bottle", 0, 2, At::On("cabinet")),
    ("radiator", 0, 1, At::Own),
    ("clock", 0, 1, At::Own),
    ("shelf", 0, 1, At::Own),
];

/// As above, offices.
pub(crate) const OFFICE_MORE: &[Line] = &[
    ("laptop", 0, 1, At::On("desk")),
    ("keyboard", 0, 1, At::On("desk")),
    ("printer", 0, 1, At::On("cabinet")),
    ("cup", 0, 1, At::On("desk")),
    ("radiator", 0, 1, At::Own),
    ("clock", 0, 1, At::Own),
    ("shelf", 0, 1, At::Own),
    ("fan", 0, 1, At::Own),
    ("coat rack", 0, 1, At::Own),
];

/// Bathrooms, which only flats have.
pub(crate) const BATHROOM: &[Line] = &[
    ("bathtub", 1, 1, At::Own),
    ("toilet", 1, 1, At::Own),
    ("washbasin", 1, 1, At::Own),
    ("washing machine", 0, 1, At::Own),
    ("mirror", 1, 1, At::Own),
    ("towel", 1, 2, At::Own),
    ("basket", 0, 1, At::Own),
    ("bottle", 0, 1, At::On("washing machine")),
    ("stool", 0, 1, At::Own),
    ("trash bin", 0, 1, At::Own),
];

/// Nurseries, which only flats have.
pub(crate) const NURSERY: &[Line] = &[
    ("crib", 1, 1, At::Own),
    ("dresser", 1, 1, At::Own),
    ("armchair", 0, 1, At::Own),
    ("rug", 1, 1, At::Own),
    ("basket", 1, 1, At::Own),
    ("ball", 1, 1, At::On("basket")),
    ("box", 1, 2, At::Own),
    ("shelf", 1, 1, At::Own),
    ("picture", 1, 2, At::Own),
    ("lamp", 0, 1, At::Own),
    ("radiator", 0, 1, At::Own),
    ("table lamp", 0, 1, At::On("dresser")),
];

/// One piece by its kind's own rule.
pub(crate) fn put(placer: &mut Placer, rng: &mut Rng, name: &str) -> Option<usize> {
    placer.place(rng, Kind::named(name)?, Spot::Own)
}

/// The pieces of one line. A generator for each line: a piece that fails to fit does not change the rest's
/// look.
pub(crate) fn line(placer: &mut Placer, rng: &Rng, &(name, least, most, at): &Line) {
    let mut rng = rng.clone();
    let n = least + rng.below(most - least + 1);
    furnish(placer, &mut rng, name, n, at);
}

/// Indices of the pieces of a category.
fn all(placer: &Placer, name: &str) -> Vec<usize> {
    let of = |i: &usize| placer.pieces[*i].category == name;
    (0..placer.pieces.len()).filter(of).collect()
}

fn furnish(placer: &mut Placer, rng: &mut Rng, name: &str, n: usize, at: At) {
    let Some(kind) = Kind::named(name) else { return };
    match at {
        At::Own => {
            for _ in 0..n {
                placer.place(rng, kind, Spot::Own);
            }
        }
        // Seats around one table are alike.
        At::Around(anchor) => {
            let Some(&table) = all(placer, anchor).first() else { return };
            let model = kind.make(rng);
            for _ in 0..n {
                placer.place_model(rng, kind, model.clone(), Spot::Around(table));
            }
        }
        // Every anchor gets its own.
        At::Facing(anchor) => {
            for i in all(placer, anchor) {
                for _ in 0..n {
                    placer.place(rng, kind, Spot::Facing(i));
                }
            }
        }
        At::Beside(anchor) => {
            let Some(&i) = all(placer, anchor).first() else { return };
            let model = kind.make(rng);
            for _ in 0..n {
                if placer.place_model(rng, kind, model.clone(), Spot::Beside(i)).is_none() {
                    placer.place_model(rng, kind, model.clone(), Spot::Own);
                }
            }
        }
        At::On(anchor) => {
            let anchors = all(placer, anchor);
            for k in 0..n {
                let spot = match anchors.get(k % anchors.len().max(1)) {
                    Some(&i) => Spot::On(i),
                    // What lies on a rug can lie on the floor as well.
                    None if anchor == "rug" => Spot::Own,
                    None => return,
                };
                if placer.place(rng, kind, spot).is_none() && anchor == "rug" {
                    placer.place(rng, kind, Spot::Own);
                }
            }
        }
        At::Opposite(anchor) => {
            for _ in 0..n {
                let spot = all(placer, anchor).first().map_or(Spot::Own, |i| Spot::Opposite(*i));
                let model = kind.make(rng);
                if placer.place_model(rng, kind, model.clone(), spot).is_none() {
                    placer.place_model(rng, kind, model, Spot::Own);
                }
            }
        }
    }
}
