//! Every program in the tree.

use std::path::{Path, PathBuf};

use reasmory_driver::{diag, ops};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A program and where it comes from.
#[derive(Clone, Debug)]
pub struct Case {
    /// `pipeline/counting.rsm`, `example of side`, `language.md #3`.
    pub name: String,
    /// The scene its fence names.
    pub scene: Option<String>,
    /// Text.
    pub text: String,
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Files of a folder with an extension, by name.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let dir = root().join(folder);
    let mut out: Vec<PathBuf> = std::fs::read_dir(&dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .collect();
    out.sort();
    out
}

/// The programs of `tests/filetests`.
pub fn filetests() -> Vec<Case> {
    crate::filetest::all()
        .into_iter()
        .filter(|f| f.name.ends_with(".rsm"))
        .map(|f| Case { name: f.name, scene: Some(f.scene), text: f.program })
        .collect()
}

/// The example of each operation of the table.
pub fn examples() -> Vec<Case> {
    let case = |o: &ops::OpDef| Case {
        name: format!("example of {}", o.name),
        scene: None,
        text: format!("{}\n", o.example),
    };
    ops::OPS.iter().map(case).collect()
}

/// The fences of a page that hold programs.
pub fn fences(name: &str, page: &str) -> Vec<(diag::Fence, Case)> {
    diag::page_fences(page)
        .into_iter()
        .zip(1..)
        .filter(|(f, _)| f.language() == "reasmory")
        .map(|(f, n)| {
            let case = Case {
                name: format!("{name} #{n}"),
                scene: f.scene().map(str::to_owned),
                text: f.text.clone(),
            };
            (f, case)
        })
        .collect()
}

/// The programs of `spec/language.md`.
pub fn manual() -> Vec<Case> {
    let page = read(&root().join("spec/language.md"));
    fences("language.md", &page).into_iter().map(|f| f.1).collect()
}

/// The programs of the diagnostics' pages.
pub fn pages() -> Vec<Case> {
    diag::CODES.iter().flat_map(|c| fences(c.name, c.page).into_iter().map(|f| f.1)).collect()
}

/// Everything.
pub fn all() -> Vec<Case> {
    let mut out = filetests();
    out.extend(examples());
    out.extend(manual());
    out.extend(pages());
    out.extend(stdlib());
    out.extend(demo());
    out
}

/// The demonstration's kinds of program over categories that `room` has.
pub fn demo() -> Vec<Case> {
    [
        "answer objects(\"chair\").count()",
        "answer the(\"sofa\").longest_side() as cm",
        "answer distance(the(\"sofa\"), to=the(\"bed\")) as m",
        "me = stand(at=the(\"sofa\"), facing=the(\"bed\"))\nshow top(mark=[the(\"sofa\"), the(\"bed\"), \
         the(\"tv\"), me])\nanswer side(the(\"tv\"), from=me, among=[left, right, back])",
        "show photo(1)\nanswer sees(photo(1).view(), the(\"table\"))",
        "answer [\"sofa\", \"bed\"].min_by(c => distance(c, to=the(\"table\")))",
        "answer room().floor_area() as m2",
        "me = photo(1).view().turn(right, by=40deg).step(backward)\nshow photo(1)\nshow ego(me, \
         mark=objects(\"chair\"))\nshow plan(mark=[me, photo(2)])",
    ]
    .iter()
    .zip(1..)
    .map(|(t, n)| Case { name: format!("demo #{n}"), scene: None, text: format!("{t}\n") })
    .collect()
}

/// One use of every function of the library.
pub fn stdlib() -> Vec<Case> {
    const ME: &str = "me = stand(at=the(\"sofa\"), facing=the(\"table\"))\n";
    [
        ("length", "answer length(the(\"table\")) as cm"),
        ("width", "answer width(the(\"table\")) as cm"),
        ("height", "answer height(the(\"table\")) as cm"),
        ("longest_side", "answer longest_side(the(\"table\")) as cm"),
        ("shortest_side", "answer shortest_side(the(\"table\")) as cm"),
        ("clearance", "answer clearance(the(\"table\")) as cm"),
        ("quadrant", "ME answer quadrant(the(\"bed\"), from=me)"),
        ("clock", "ME answer clock(the(\"bed\"), from=me)"),
        ("is_between", "answer is_between(the(\"table\"), the(\"sofa\"), the(\"tv\"))"),
        ("is_near", "answer is_near(the(\"table\"), the(\"sofa\"))"),
        ("is_near", "answer is_near(the(\"table\"), the(\"sofa\"), within=50cm)"),
        ("nearest", "answer objects(\"chair\").nearest(to=the(\"table\"))"),
        ("farthest", "answer objects(\"chair\").farthest(to=the(\"bed\"))"),
        ("largest", "answer objects(\"chair\").largest()"),
        ("smallest", "answer objects(\"chair\").smallest()"),
        ("highest", "answer objects().highest()"),
        ("lowest", "answer objects().lowest()"),
        ("leftmost", "ME answer objects(\"chair\").leftmost(from=me)"),
        ("rightmost", "ME answer objects(\"chair\").rightmost(from=me)"),
        ("left_to_right", "ME answer objects(\"chair\").left_to_right(from=me)"),
        ("near_to_far", "answer objects(\"chair\").near_to_far(to=the(\"bed\"))"),
        ("panorama", "ME show panorama(me)"),
        ("look_around", "ME answer look_around(me).map(v => view_heading(v))"),
        (
            "views_around",
            "ME answer views_around(the(\"table\"), from=me).map(v => view_heading(v))",
        ),
        ("raised", "ME answer height_above(raised(me), floor()) > height_above(me, floor())"),
        (
            "turned_to",
            "ME answer bearing(the(\"bed\"), from=turned_to(me, to=the(\"bed\"))) as deg",
        ),
        ("visible_from", "ME answer visible_from(the(\"table\"), from=me)"),
        ("in_view", "ME answer in_view(me).count()"),
        ("ahead", "ME answer ahead(of=me).count()"),
        ("appearance_order", "answer appearance_order([\"sofa\", \"table\"])"),
        ("photos_of_both", "answer photos_of_both(the(\"sofa\"), the(\"table\")).count()"),
    ]
    .iter()
    .map(|(name, text)| Case {
        name: format!("library {name}"),
        scene: None,
        text: format!("{}\n", text.replace("ME ", ME)),
    })
    .collect()
}
