use std::sync::Arc;

use reasmory_render::Mark as Drawn;
use reasmory_scene::{Memory, PhotoPixels, Points, Rgb8};

use crate::abi::{Image, Mark, Object, Photo, Region};
use crate::testing::{World, level, message, over};
use crate::{EvidenceImage, Fault, FaultKind, Limits, Operations, Place, Run, picture};

fn world() -> World {
    let mut w = World::metric();
    w.object("sofa", [3.0, 1.5, 0.5], [0.8, 0.8, 1.0]);
    w.object("lamp", [1.0, 2.8, 0.5], [0.3, 0.3, 1.0]);
    w.photo(level(0.5, 1.5, 1.0, 0.0), Some(1.5));
    w
}

fn marks(ids: &[u32]) -> Vec<Mark> {
    vec![Mark(ids.iter().map(|id| Drawn::Instance(*id)).collect())]
}

/// The picture that an operation makes, drawn.
fn made(
    run: &mut Run<'_>,
    op: impl FnOnce(&mut Run<'_>) -> Result<Image, Fault>,
) -> Arc<EvidenceImage> {
    let image = op(run).unwrap();
    let (mut evidence, failed) = picture::draw(run, &[(image, run.loc())]);
    assert_eq!(failed, None);
    evidence.remove(0).image
}

#[test]
fn an_ego_view_says_what_it_shows() {
    over(&world().build(), |run| {
        let v = level(0.5, 1.5, 1.0, 0.0);
        let image = made(run, |run| run.ego(v, marks(&[1, 2])));
        assert_eq!((image.kind, image.pixels.width, image.pixels.height), ("ego", 96, 96));
        assert_eq!(image.visible, ["sofa"]);
        let c = &image.caption;
        for part in [
            "Eye at (0.50, 1.50, 1.00) m",
            "heading 0°",
            "level, 75° wide.",
            "In view: sofa (middle).",
            "Marked: sofa.",
            "Marked, but not to be seen: lamp (outside the picture).",
            "no points",
            "unknown",
        ] {
            assert!(c.contains(part), "{part} in: {c}");
        }
        let again = made(run, |run| run.ego(v, marks(&[1, 2])));
        assert_eq!(again, image);
    });
}

#[test]
fn captions_place_the_eye() {
    over(&world().build(), |run| {
        let above = made(run, |run| run.ego(level(3.0, 1.5, 1.4, 0.0), vec![]));
        assert!(above.caption.contains("0.40 m above the sofa"), "{}", above.caption);
        let beside = made(run, |run| run.ego(level(3.0, 2.4, 0.5, 0.0), vec![]));
        assert!(beside.caption.contains("0.50 m from the sofa"), "{}", beside.caption);
        let inside = made(run, |run| run.ego(level(3.0, 1.5, 0.5, 0.0), vec![]));
        assert!(inside.caption.contains("inside the box of the sofa"), "{}", inside.caption);
    });
}

#[test]
fn views_from_above() {
    over(&world().build(), |run| {
        let whole = made(run, |run| run.top(None, marks(&[2])));
        assert_eq!((whole.kind, whole.visible.len()), ("top", 2));
        assert!(whole.caption.contains("north (+Y) up"), "{}", whole.caption);
        assert!(whole.caption.contains("Marked: lamp."), "{}", whole.caption);
        let close = made(run, |run| run.top(Some(Place::Object(1)), vec![]));
        assert_eq!(close.visible, ["sofa"]);
        assert!(close.caption.contains("around the sofa"), "{}", close.caption);
        let plan = made(run, |run| run.plan(Some(Place::Region(Region::Room)), vec![]));
        assert!(plan.kind == "plan" && plan.caption.contains("Every object"), "{}", plan.caption);
        message(run.top(Some(Place::Objects(vec![])), vec![]), FaultKind::NoValue);
    });
}

#[test]
fn marks_widen_what_is_framed() {
    over(&world().build(), |run| {
        let both = made(run, |run| run.top(Some(Place::Object(1)), marks(&[2])));
        assert_eq!(both.visible, ["sofa", "lamp"]);
    });
}

#[test]
fn depth_and_strips() {
    over(&world().build(), |run| {
        let v = level(0.5, 1.5, 1.0, 0.0);
        let depth = made(run, |run| run.depth(v));
        assert!(depth.kind == "depth" && depth.caption.starts_with("Depth"), "{}", depth.caption);
        let strip = made(run, |run| run.strip(vec![v, level(0.5, 1.5, 1.0, 60.0)]));
        assert_eq!(strip.visible, ["sofa", "lamp"]);
        assert!(
            strip.caption.contains("1: ") && strip.caption.contains("2: "),
            "{}",
            strip.caption
        );
        message(run.strip(vec![]), FaultKind::NoValue);
        let text = message(run.strip(vec![v; 9]), FaultKind::RunLimit);
        assert!(text.contains("at most 8"), "{text}");
    });
}

#[test]
fn a_picture_says_where_things_are_and_why_others_are_not() {
    let mut w = world();
    w.object("cup", [5.0, 1.5, 0.5], [0.1, 0.1, 0.1]);
    w.object("door", [-2.0, 1.5, 1.0], [0.1, 0.9, 2.0]);
    over(&w.build(), |run| {
        let v = level(0.5, 1.5, 1.0, 0.0);
        let image = made(run, |run| run.ego(v, marks(&[1, 2, 3, 4])));
        let [sofa] = &image.objects[..] else { panic!("{:?}", image.objects) };
        assert_eq!((sofa.id, sofa.name.as_str(), sofa.panel), (1, "sofa", None));
        // The face of 0.8 × 1 m at 2.1 m, through 96 pixels of 75°.
        let focal = 48.0 / reasmory_geom::math::tan_deg(37.5);
        let [x, y, width, height] = sofa.bounds.map(f64::from);
        assert!((width - 0.8 * focal / 2.1).abs() < 2.5, "{width}");
        assert!((x + 0.5 * width - 48.0).abs() < 1.5 && y > 40.0 && height > 20.0);
        assert!((sofa.share - width * height / (96.0 * 96.0)).abs() < 0.02, "{}", sofa.share);
        let why: Vec<_> = image.missing.iter().map(|m| (m.name.as_str(), m.why)).collect();
        let all =
            [("lamp", "outside the picture"), ("cup", "hidden"), ("door", "behind the viewer")];
        assert_eq!(why, all);
        assert!(image.caption.contains("cup (hidden), door (behind the viewer)."));
        let map = made(run, |run| run.plan(None, vec![]));
        assert_eq!(map.objects.len(), 4);
        let of = |id| map.objects.iter().find(|o| o.id == id).unwrap();
        // East is to the right.
        assert!(of(3).bounds[0] > of(1).bounds[0] && of(1).bounds[0] > of(4).bounds[0]);
        assert!(of(1).share > of(2).share);
    });
}

#[test]
fn zooms_show_a_thing_larger() {
    over(&world().build(), |run| {
        let v = level(0.5, 1.5, 1.0, 20.0);
        let zoom = made(run, |run| run.zoom(Object(1), v));
        assert_eq!(zoom.kind, "zoom");
        let of = |panel| zoom.objects.iter().find(|o| o.id == 1 && o.panel == Some(panel)).unwrap();
        assert!(of(2).share > 1.3 * of(1).share, "{} {}", of(1).share, of(2).share);
        assert!(of(2).bounds[0] > of(1).bounds[0] + of(1).bounds[2]);
        assert!(zoom.caption.contains("2: the same"), "{}", zoom.caption);
        message(run.zoom(Object(1), level(3.0, 1.5, 0.5, 0.0)), FaultKind::NoValue);
    });
}

#[test]
fn sheets_hold_pictures_of_all_kinds() {
    over(&world().build(), |run| {
        let v = level(0.5, 1.5, 1.0, 0.0);
        let parts =
            |run: &mut Run<'_>| vec![run.ego(v, vec![]).unwrap(), run.plan(None, vec![]).unwrap()];
        let sheet = made(run, |run| {
            let parts = parts(run);
            run.sheet(parts)
        });
        let single = made(run, |run| run.ego(v, vec![]));
        assert_eq!((sheet.kind, sheet.visible.len()), ("sheet", 2));
        let panels: Vec<_> = sheet.objects.iter().map(|o| o.panel).collect();
        assert_eq!(panels, [Some(1), Some(2), Some(2)]);
        assert!(sheet.caption.starts_with("2 pictures, numbered. 1: Eye at"), "{}", sheet.caption);
        assert!(sheet.caption.contains("2: From above"), "{}", sheet.caption);
        // What is in a panel is the picture itself, where its box says.
        let [x, y, ..] = sheet.objects[0].bounds;
        let [x0, y0, ..] = single.objects[0].bounds;
        let pixel = |i: &EvidenceImage, x: i32, y: i32| {
            i.pixels.pixels[(y * i.pixels.width as i32 + x) as usize]
        };
        assert_eq!(pixel(&sheet, x + 3, y + 3), pixel(&single, x0 + 3, y0 + 3));
    });
    over(&world().build(), |run| {
        let v = level(0.5, 1.5, 1.0, 0.0);
        let nine = vec![run.ego(v, vec![]).unwrap(); 9];
        let nine = made(run, |run| run.sheet(nine.clone()));
        assert_eq!(nine.objects.len(), 9);
        assert!(nine.pixels.height > 280 && nine.pixels.width.abs_diff(nine.pixels.height) < 80);
        message(run.sheet(vec![]), FaultKind::NoValue);
    });
    over(&world().build(), |run| {
        let v = level(0.5, 1.5, 1.0, 0.0);
        let many = vec![run.ego(v, vec![]).unwrap(); 17];
        let inner = run.sheet(many[..2].to_vec()).unwrap();
        message(run.sheet(vec![inner]), FaultKind::NoValue);
        message(run.sheet(many), FaultKind::RunLimit);
    });
}

#[test]
fn photos_with_numbers() {
    over(&world().build(), |run| {
        let all = made(run, |run| run.annotate(Photo(1), vec![]));
        assert!(all.kind == "marked" && all.visible == ["sofa"], "{:?}", all.visible);
        assert!(all.caption.contains("What is seen from photo 1 of 1"), "{}", all.caption);
        assert!(all.caption.contains("Numbered: 1 sofa."), "{}", all.caption);
        let other = made(run, |run| run.annotate(Photo(1), marks(&[2])));
        assert!(other.objects.is_empty() && other.missing[0].name == "lamp");
        message(run.annotate(Photo(7), vec![]), FaultKind::IndexOutOfRange);
    });
}

struct Grey;

impl PhotoPixels for Grey {
    fn rgb(&self, _: u32) -> Result<Rgb8, String> {
        Ok(Rgb8 { width: 2, height: 1, pixels: vec![[128; 3]; 2] })
    }
}

#[test]
fn photos() {
    over(&world().build(), |run| {
        let text = message(run.picture(Photo(1)), FaultKind::NoValue);
        assert!(text.contains("stores no pictures") && text.contains("ego(photo(1)"), "{text}");
        message(run.picture(Photo(2)), FaultKind::IndexOutOfRange);
    });
    let mut w = world();
    w.instance(1).seen_in = vec![1];
    w.manifest.index_categories();
    let memory = Memory::new(w.manifest, Points::default(), Some(Arc::new(Grey))).unwrap();
    over(&memory, |run| {
        let image = made(run, |run| run.picture(Photo(1)));
        assert_eq!((image.pixels.width, image.kind), (2, "photo"));
        assert_eq!(image.visible, ["sofa"]);
        assert!(image.caption.starts_with("Photo 1 of 1, at 1.50 s."), "{}", image.caption);
    });
}

#[test]
fn memories_with_points_are_drawn_from_them() {
    let mut w = world();
    w.points(1, (0..900).map(|i| [2.6, 1.1 + 0.027 * (i % 30) as f32, 0.033 * (i / 30) as f32]));
    over(&w.build(), |run| {
        let image = made(run, |run| run.ego(level(0.5, 1.5, 0.8, 0.0), vec![]));
        assert_eq!(image.visible, ["sofa"]);
        assert!(!image.caption.contains("no points") && image.coverage < 1.0, "{}", image.caption);
        let top = made(run, |run| run.top(None, vec![]));
        assert!(top.caption.contains("left out"), "{}", top.caption);
    });
}

/// Sweeps draw what single views draw, whatever stands between them and however often one is shown.
#[test]
fn sweeps_are_single_views() {
    let mut w = world();
    w.points(1, (0..900).map(|i| [2.6, 1.1 + 0.027 * (i % 30) as f32, 0.033 * (i / 30) as f32]));
    over(&w.build(), |run| {
        run.limits.renders = 100;
        let view = |i: usize| level(0.5, 1.5, 0.8, 20.0 * i as f64);
        let mut shown = Vec::new();
        for i in 0..20 {
            let image = match i % 5 {
                3 => run.strip((0..=i % 7).map(view).collect()),
                4 => run.depth(view(i)),
                2 => run.top(None, vec![]),
                _ => run.ego(view(i), marks(&[1])),
            };
            shown.push((image.unwrap(), run.loc()));
        }
        shown.push(shown[3].clone());
        let (all, failed) = picture::draw(run, &shown);
        assert_eq!((all.len(), failed), (21, None));
        for (one, among) in shown.iter().zip(&all) {
            let (alone, _) = picture::draw(run, std::slice::from_ref(one));
            assert_eq!(alone[0], *among);
        }
        assert!(Arc::ptr_eq(&all[3].image, &all[20].image), "one picture, shown twice");
        run.limits = Limits { renders: 0, ..run.limits };
        message(run.ego(view(0), vec![]), FaultKind::RunLimit);
    });
}
