use crate::abi::{Category, Object, Photo, Region};
use crate::testing::{World, category, level, message, over};
use crate::{Asked, Choice, Chooser, Fault, FaultKind, Limits, Operations, Place, Run, Shown};

fn memory() -> reasmory_scene::Memory {
    let mut w = World::metric();
    w.object("sofa", [1.0, 1.0, 0.5], [1.0; 3]);
    w.object("chair", [3.0, 1.0, 0.5], [1.0; 3]);
    w.object("chair", [3.0, 2.0, 0.5], [1.0; 3]);
    w.instance(2).confidence = 0.5;
    w.instance(3).confidence = 0.5;
    w.instance(3).support = 9;
    w.photo(level(0.0, 0.0, 1.0, 0.0), None);
    w.photo(level(0.0, 0.0, 1.0, 90.0), None);
    w.build()
}

#[test]
fn objects_by_category() {
    over(&memory(), |run| {
        let (sofa, chair, unicorn) =
            (category(run, "sofa"), category(run, "chair"), category(run, "unicorn"));
        assert_eq!(run.objects(None).unwrap(), [Object(1), Object(2), Object(3)]);
        assert_eq!(run.objects(Some(chair)).unwrap(), [Object(2), Object(3)]);
        assert_eq!(run.objects(Some(unicorn)).unwrap(), []);
        assert_eq!(run.the(sofa).unwrap(), Object(1));
        assert_eq!(run.best(chair).unwrap(), Object(3));
        assert_eq!(run.best(sofa).unwrap(), Object(1));
        assert_eq!(run.count_of(chair).unwrap(), 2);
        assert_eq!(run.count_of(unicorn).unwrap(), 0);
    });
}

#[test]
fn one_of_several_is_ambiguous_and_lists_them() {
    over(&memory(), |run| {
        let chair = category(run, "chair");
        let text = message(run.the(chair), FaultKind::Ambiguous);
        assert!(text.contains("chair #1, chair #2") && text.contains("best(\"chair\")"), "{text}");
    });
}

#[test]
fn none_names_what_is_near() {
    over(&memory(), |run| {
        let (chari, unicorn) = (category(run, "chari"), category(run, "unicorn"));
        let text = message(run.the(chari), FaultKind::NoValue);
        assert!(text.contains("did you mean `chair`?"), "{text}");
        let text = message(run.best(unicorn), FaultKind::NoValue);
        assert!(text.contains("its categories are chair, sofa"), "{text}");
    });
}

#[test]
fn a_stated_count_is_the_count() {
    let mut w = World::metric();
    w.object("chair", [1.0, 1.0, 0.5], [1.0; 3]);
    w.manifest.index_categories();
    w.manifest.categories[0].stated_count = Some(4);
    w.manifest.categories.push(reasmory_scene::CategoryEntry {
        name: "lamp".into(),
        instances: vec![],
        stated_count: Some(2),
    });
    over(&w.build(), |run| {
        let (chair, lamp) = (category(run, "chair"), category(run, "lamp"));
        assert_eq!(run.count_of(chair).unwrap(), 4);
        assert_eq!(run.count_of(lamp).unwrap(), 2);
        let text = message(run.the(lamp), FaultKind::NoValue);
        assert!(text.contains("states 2 × lamp"), "{text}");
    });
}

#[test]
fn without_takes_things_out() {
    over(&memory(), |run| {
        let all = run.objects(None).unwrap();
        let rest = run.without(all.clone(), Place::Object(2)).unwrap();
        assert_eq!(rest, [Object(1), Object(3)]);
        let rest = run.without(all.clone(), Place::Objects(vec![3, 1])).unwrap();
        assert_eq!(rest, [Object(2)]);
        let rest = run.without(all.clone(), Place::Photo(1)).unwrap();
        assert_eq!(rest, all);
    });
}

#[test]
fn names_and_numbers() {
    over(&memory(), |run| {
        assert_eq!(run.categories().unwrap(), [Category(0), Category(1)]);
        assert_eq!(run.category_name(Category(1)), "sofa");
        assert_eq!(Operations::category(run, Object(3)).unwrap(), Category(0));
        assert_eq!(&*run.name(Object(3)).unwrap(), "chair #2");
        assert_eq!(&*run.name(Object(1)).unwrap(), "sofa");
        assert_eq!(run.confidence(Object(2)).unwrap(), 0.5);
        assert_eq!(run.photos().unwrap(), [Photo(1), Photo(2)]);
        assert_eq!(run.photo(2).unwrap(), Photo(2));
        assert_eq!(run.number(Photo(2)).unwrap(), 2);
        for n in [0, -1, 3, i64::MAX] {
            let text = message(run.photo(n), FaultKind::IndexOutOfRange);
            assert!(text.contains("photos 1 to 2"), "{text}");
        }
        message(run.name(Object(0)), FaultKind::CorruptMemory);
    });
}

#[test]
fn regions() {
    over(&memory(), |run| {
        assert_eq!(run.room().unwrap(), Region::Room);
        assert_eq!(run.floor().unwrap(), Region::Floor);
    });
    let mut w = World::metric();
    w.manifest.room = None;
    over(&w.build(), |run| {
        assert!(message(run.room(), FaultKind::NoValue).contains("does not know one"));
    });
}

#[test]
fn pick_needs_a_model() {
    over(&memory(), |run| {
        let two = vec![Object(2), Object(3)];
        let text = message(run.pick(two, "the red one".into()), FaultKind::ModelUnavailable);
        assert!(text.contains("chair #1, chair #2") && text.contains("nearest"), "{text}");
        message(run.pick(vec![], "x".into()), FaultKind::NoValue);
    });
}

/// Takes the last candidate, and notes what it was asked and shown.
#[derive(Default)]
struct Last(std::cell::RefCell<Vec<(Asked, Vec<Shown>)>>);

impl Chooser for Last {
    fn choose(
        &self,
        asked: &Asked,
        pictures: &mut dyn FnMut() -> Result<Vec<Shown>, Fault>,
    ) -> Result<Choice, Fault> {
        self.0.borrow_mut().push((asked.clone(), pictures()?));
        Ok(match asked.phrase.as_str() {
            "nothing" => Choice::Nothing,
            _ => Choice::One(asked.candidates.len() - 1),
        })
    }
}

#[test]
fn pick_asks_and_shows_the_candidates() {
    let last = Last::default();
    let memory = memory();
    let program = reasmory_ir::Program::default();
    let cloud = std::sync::OnceLock::new();
    let limits = Limits { asks: 2, asked_picture: 64, ..Limits::default() };
    let mut run = Run::new(&memory, &program, &cloud, limits, None).with_chooser(Some(&last));
    let two = vec![Object(3), Object(2)];
    assert_eq!(run.pick(two.clone(), "the red one".into()).unwrap(), Object(2));
    let text = message(run.pick(two.clone(), "nothing".into()), FaultKind::NoValue);
    assert!(text.contains("none of chair #2, chair #1 is \"nothing\""), "{text}");
    let text = message(run.pick(two, "a third".into()), FaultKind::RunLimit);
    assert!(text.contains("more than 2 times"), "{text}");
    let many = vec![Object(2); 25];
    message(run.pick(many, "x".into()), FaultKind::RunLimit);
    let seen = last.0.borrow();
    assert_eq!(seen.len(), 2);
    let (asked, shown) = &seen[0];
    assert_eq!(asked.phrase, "the red one");
    let ids: Vec<u32> = asked.candidates.iter().map(|c| c.id).collect();
    assert_eq!((ids, asked.candidates[0].name.as_str()), (vec![3, 2], "chair #2"));
    // From above, and both side by side.
    assert_eq!(shown.len(), 2);
    assert!(shown[1].caption.contains("candidates 1, 2"), "{}", shown[1].caption);
    assert_eq!(shown[0].pixels.width, 64);
}
