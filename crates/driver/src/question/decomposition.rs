//! What a question spells out, in this project's fields or in the paper's (`Part1`, `Part2`, `Part3`).

use reasmory_diag::similar;
use reasmory_sema::question::{
    Anchor, Decomposition, Motion, Reference, Relation, bare, leading_number, unit_word,
};
use reasmory_types::{Direction, Unit};

use super::json::{Node, Wrong, shown};

/// Most moves of a question.
const MOTIONS: usize = 64;

/// Most things asked about.
const TARGETS: usize = 256;

/// What stands for nothing where one word does.
const VAGUE: [&str; 7] = ["unspecified", "unknown", "none", "null", "n/a", "na", "not specified"];

pub(super) fn read(node: &Node<'_>, question: &str) -> Result<Decomposition, Wrong> {
    if node.object()?.keys().any(|k| k.starts_with("Part")) {
        return paper(node, question);
    }
    node.only(&["stand", "motions", "asked"])?;
    let mut out = Decomposition::default();
    if let Some(stand) = node.field("stand") {
        stand.only(&["at", "facing"])?;
        out.at = stand.field("at").map(|n| anchor(&n)).transpose()?.flatten();
        out.facing = stand.field("facing").map(|n| facing(&n, true)).transpose()?.flatten();
    }
    if let Some(motions) = node.field("motions") {
        let each = |n: &Node<'_>| motion(n, question);
        out.motions = motions.list(MOTIONS)?.iter().map(each).collect::<Result<_, _>>()?;
    }
    if let Some(asked) = node.field("asked") {
        asked.only(&["relation", "direction", "reference", "targets", "question"])?;
        out.relation = asked.field("relation").map(|n| relation(&n)).transpose()?;
        out.direction = asked.field("direction").map(|n| direction(&n)).transpose()?;
        out.reference = asked.field("reference").map(|n| reference(&n)).transpose()?;
        out.targets = asked.field("targets").map(|n| targets(&n)).transpose()?.unwrap_or_default();
        asked.field("question").map(|n| n.words().map(drop)).transpose()?;
    }
    Ok(out)
}

/// The decomposition as the paper's own planner is given it.
fn paper(node: &Node<'_>, question: &str) -> Result<Decomposition, Wrong> {
    node.only(&["Part1", "Part2", "Part3"])?;
    let remedy = "give all of `Part1`, `Part2` and `Part3`";
    let (one, two, three) = (
        node.required("Part1", remedy)?,
        node.required("Part2", remedy)?,
        node.required("Part3", remedy)?,
    );
    one.only(&["position", "orientation"])?;
    let remedy = "say it, or `arbitrary`";
    let at = anchor(&one.required("position", remedy)?)?;
    let facing = facing(&one.required("orientation", remedy)?, false)?;
    let mut motions = Vec::new();
    for n in two.list(MOTIONS)? {
        n.only(&["motion", "grounding"])?;
        let words = n.required("motion", "name it: `turn left`, `step forward` …")?;
        let mut m = named_motion(&words)?;
        let quote = n.required("grounding", "quote the words of the question")?;
        m.quote = Some(grounded(&quote, question)?);
        motions.push(m);
    }
    three.only(&["final_question", "contain_direction", "reference_entity", "target_object"])?;
    three.required("final_question", "give the bare question")?.words()?;
    Ok(Decomposition {
        at,
        facing,
        motions,
        direction: three.field("contain_direction").map(|n| direction(&n)).transpose()?,
        relation: None,
        reference: three.field("reference_entity").map(|n| reference(&n)).transpose()?,
        targets: three.field("target_object").map(|n| targets(&n)).transpose()?.unwrap_or_default(),
    })
}

fn precise<'v>(node: &Node<'v>) -> Result<&'v str, Wrong> {
    let text = node.words()?.trim();
    if VAGUE.iter().any(|v| text.eq_ignore_ascii_case(v)) {
        let remedy = "write `arbitrary` (or null) where the question leaves it open";
        return Err(node.wrong(format!("{} says nothing", shown(text)), remedy));
    }
    Ok(text)
}

fn is_open(text: &str) -> bool {
    let viewer =
        ["arbitrary", "camera", "the camera", "viewer", "the viewer", "observer", "me", "i"];
    viewer.iter().any(|v| text.eq_ignore_ascii_case(v))
}

fn anchor(node: &Node<'_>) -> Result<Option<Anchor>, Wrong> {
    let text = precise(node)?;
    if is_open(text) {
        return Ok(None);
    }
    Ok(Some(match photo(node, text)? {
        Some(n) => Anchor::Photo(n),
        None => Anchor::Thing(text.to_owned()),
    }))
}

/// What is faced. A noun alone is taken for it only where the field is there for nothing else.
fn facing(node: &Node<'_>, noun: bool) -> Result<Option<Anchor>, Wrong> {
    let text = precise(node)?;
    if is_open(text) {
        return Ok(None);
    }
    if let Some(n) = photo(node, text)? {
        return Ok(Some(Anchor::Photo(n)));
    }
    const VERBS: [&str; 8] = [
        "facing ",
        "looking at ",
        "looking ",
        "oriented ",
        "directed ",
        "pointing ",
        "towards ",
        "toward ",
    ];
    let mut rest = text;
    let mut verb = false;
    while let Some(v) =
        VERBS.iter().find(|v| rest.get(..v.len()).is_some_and(|head| head.eq_ignore_ascii_case(v)))
    {
        rest = rest[v.len()..].trim_start();
        verb = true;
    }
    for at in ["at ", "to "].iter().filter(|_| verb) {
        rest = rest.strip_prefix(at).unwrap_or(rest);
    }
    Ok((verb || noun).then(|| Anchor::Thing(rest.to_owned())))
}

/// The photo that a phrase names: `image 2`, `the second view`, `frame #3`.
fn photo(node: &Node<'_>, text: &str) -> Result<Option<u32>, Wrong> {
    const KINDS: [&str; 6] = ["image", "photo", "picture", "view", "frame", "camera"];
    const ORDINALS: [&str; 8] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|w| !w.is_empty()).collect();
    for pair in words.windows(2) {
        let [a, b] = pair else { continue };
        if KINDS.contains(a) && b.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return match b.parse::<u32>() {
                Ok(n) if n >= 1 => Ok(Some(n)),
                _ => Err(node.wrong(format!("there is no {a} {b}"), "photos count from 1")),
            };
        }
        if let (Some(i), true) = (ORDINALS.iter().position(|o| o == a), KINDS.contains(b)) {
            return Ok(Some(i as u32 + 1));
        }
    }
    Ok(None)
}

fn named_motion(node: &Node<'_>) -> Result<Motion, Wrong> {
    let text = node.words()?.trim().to_ascii_lowercase();
    Motion::named(&text).ok_or_else(|| {
        let what = format!("{} is no motion", shown(&text));
        node.wrong(
            what,
            match similar::candidates(&text, Motion::WORDS).first() {
                Some(best) => format!("did you mean `{best}`?"),
                None => format!("motions are {}", Motion::WORDS.join(", ")),
            },
        )
    })
}

/// `"turn left"`, or `{"motion": "turn left", "by": "30deg", "quote": "…"}`.
fn motion(node: &Node<'_>, question: &str) -> Result<Motion, Wrong> {
    if node.value.is_string() {
        return named_motion(node);
    }
    node.only(&["motion", "by", "quote"])?;
    let words = node.required("motion", "name it: `turn left`, `step forward` …")?;
    let mut out = named_motion(&words)?;
    out.by = node.field("by").map(|n| amount(&n, out.turn)).transpose()?;
    out.quote = node.field("quote").map(|n| grounded(&n, question)).transpose()?;
    Ok(out)
}

fn amount(node: &Node<'_>, turn: bool) -> Result<(f64, &'static Unit), Wrong> {
    let text = node.words()?;
    let (what, example) = if turn { ("an angle", "30deg") } else { ("a length", "1.5m") };
    let read = leading_number(text).and_then(|(x, rest)| Some((x, unit_word(rest)?)));
    match read {
        Some((x, unit)) if unit.dim == Motion::dim(turn) && x > 0.0 && x.is_finite() => {
            Ok((x, unit))
        }
        _ => Err(node.wrong(
            format!("{} is not {what} above zero", shown(text)),
            format!("write it with its unit: `{example}`"),
        )),
    }
}

/// A quote that occurs in the question, case and spacing aside.
fn grounded(node: &Node<'_>, question: &str) -> Result<String, Wrong> {
    let quote = node.words()?;
    let fold = |s: &str| s.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    if !fold(question).contains(&fold(quote)) {
        let what = format!("the question does not say {}", shown(quote));
        return Err(node.wrong(what, "quote its own words"));
    }
    Ok(quote.trim().to_owned())
}

fn relation(node: &Node<'_>) -> Result<Relation, Wrong> {
    let text = node.words()?;
    Relation::named(text).ok_or_else(|| {
        let what = format!("{} is no relation", shown(text));
        node.wrong(
            what,
            match similar::candidates(text, Relation::words()).first() {
                Some(best) => format!("did you mean `{best}`?"),
                None => {
                    format!("relations are {}", Relation::words().collect::<Vec<_>>().join(", "))
                }
            },
        )
    })
}

fn direction(node: &Node<'_>) -> Result<Direction, Wrong> {
    let text = precise(node)?;
    reasmory_sema::question::spoken(text).filter(|d| *d != Direction::None).ok_or_else(|| {
        node.wrong(
            format!("{} is no direction", shown(text)),
            "write left, right, front, behind, up, down or a quadrant such as front-left; null where the \
             question asks which",
        )
    })
}

fn reference(node: &Node<'_>) -> Result<Reference, Wrong> {
    let text = precise(node)?;
    let viewer = ["camera", "viewer", "observer", "me", "i", "you", "myself", "yourself"];
    Ok(match viewer.iter().any(|v| bare(text).eq_ignore_ascii_case(v)) {
        true => Reference::Viewer,
        false => Reference::Thing(text.to_owned()),
    })
}

fn targets(node: &Node<'_>) -> Result<Vec<String>, Wrong> {
    if node.value.is_string() {
        return Ok(vec![precise(node)?.to_owned()]);
    }
    node.list(TARGETS)?.iter().map(|n| precise(n).map(str::to_owned)).collect()
}
