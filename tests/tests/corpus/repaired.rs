//! What `reasmory fix` makes of programs with one defect: how many check clean afterwards, and how many
//! mean what was meant.

use std::collections::BTreeMap;

use rayon::prelude::*;
use reasmory_driver::diag::Applicability;
use reasmory_driver::fix::{Fixed, fix};
use reasmory_driver::sema::print_hir;
use reasmory_driver::{Source, compile};
use reasmory_tests::cases::Bad;
use reasmory_tests::inventory::{VARIANTS, variant};
use reasmory_tests::programs::outcome;

use super::{asked, at_least, bad_programs, found, good_programs, percent, say};

fn repaired(text: &str, scene: &str, level: Applicability) -> Fixed {
    asked(text, scene, |o| fix(&Source::new("corpus.rsm", text), o, level))
}

/// Whether two programs mean the same: one typed form, or else one outcome (answer, pictures, faults) on
/// every variant of the scene.
fn same_meaning(a: &str, b: &str, scene: &str) -> bool {
    let made =
        |text: &str| asked(text, scene, |o| compile(&Source::new("corpus.rsm", text), o)).ok();
    let (Some(x), Some(y)) = (made(a), made(b)) else { return false };
    let typed = |text: &str| {
        let source = Source::new("corpus.rsm", text);
        asked(text, scene, |o| print_hir(&reasmory_driver::check(&source, o).hir))
    };
    if typed(a) == typed(b) {
        return true;
    }
    (0..VARIANTS).all(|n| {
        let s = variant(scene, n);
        let ((p, _), (q, _)) = (outcome(&x, s, false), outcome(&y, s, false));
        let shown = |o: &reasmory_driver::runtime::Outcome| {
            o.evidence.iter().map(|e| format!("{:?}", e.image.pixels.pixels)).collect::<Vec<_>>()
        };
        let kind = |o: &reasmory_driver::runtime::Outcome| o.fault.as_ref().map(|f| f.kind);
        format!("{:?}", p.answer) == format!("{:?}", q.answer)
            && kind(&p) == kind(&q)
            && shown(&p) == shown(&q)
    })
}

#[derive(Default)]
struct Counts {
    all: usize,
    clean: usize,
    same: usize,
    /// Programs of which it is written down what was meant, and those of them that are clean.
    meant: usize,
    meant_clean: usize,
}

/// For a reader: a program, what `fix` made of it and what is left to say.
fn story(b: &Bad) -> String {
    let f = repaired(&b.text, &b.scene, Applicability::Unsafe);
    let applied: String =
        f.applied.iter().map(|a| format!("  did {}: {}\n", a.code, a.title)).collect();
    let left: String = f
        .remaining
        .iter()
        .filter(|d| d.is_error())
        .map(|d| {
            let manual: String = d.suggestions.iter().map(|s| format!(" [{}]", s.title)).collect();
            format!(
                "  left {} `{}` {}{manual}\n",
                d.code.id(),
                &f.text[d.primary.span.range()],
                d.message
            )
        })
        .collect();
    format!("{} {} on {}\n{}{applied}{left}\n", b.code, b.name, b.scene, b.text)
}

fn count(bad: &[&Bad], level: Applicability) -> (Counts, BTreeMap<String, (usize, usize, usize)>) {
    let results: Vec<(bool, bool)> = bad
        .par_iter()
        .map(|b| {
            let f = repaired(&b.text, &b.scene, level);
            let clean = !f.remaining.iter().any(|d| d.is_error());
            let same =
                clean && b.meant.as_ref().is_some_and(|m| same_meaning(&f.text, m, &b.scene));
            (clean, same)
        })
        .collect();
    let mut total = Counts { all: bad.len(), ..Counts::default() };
    let mut by_class: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for (b, (clean, same)) in bad.iter().zip(results) {
        total.clean += usize::from(clean);
        total.meant += usize::from(b.meant.is_some());
        total.meant_clean += usize::from(clean && b.meant.is_some());
        total.same += usize::from(same);
        let c = by_class.entry(format!("{} {}", b.code, b.class)).or_default();
        *c = (c.0 + 1, c.1 + usize::from(clean), c.2 + usize::from(same));
    }
    (total, by_class)
}

#[test]
fn fix_repairs_programs_with_one_defect() {
    // Lints are not repaired: a program without errors is never changed.
    let bad: Vec<&Bad> = bad_programs().iter().filter(|b| b.code.starts_with('E')).collect();
    let (safe, _) = count(&bad, Applicability::Safe);
    let (all, by_class) = count(&bad, Applicability::Unsafe);
    say(&format!("fix: {} programs with one defect", bad.len()));
    say(&format!("  clean with safe suggestions: {}", percent(safe.clean, safe.all)));
    say(&format!("  of them equal in meaning: {}", percent(safe.same, safe.clean)));
    say(&format!("  clean with unsafe ones, too: {}", percent(all.clean, all.all)));
    say(&format!("  equal in meaning: {}", percent(all.same, all.all)));
    say(&format!(
        "  clean, of those that say what was meant: {}",
        percent(all.meant_clean, all.meant)
    ));
    let mut table = String::from("class: programs, clean, equal in meaning\n");
    for (class, (n, clean, same)) in &by_class {
        if clean < n || same < n {
            table += &format!("  {class}: {n}, {clean}, {same}\n");
        }
    }
    say(&table);
    if std::env::var_os("REASMORY_FIX_STORIES").is_some() {
        for b in &bad {
            let s = story(b);
            if s.contains("  left ") {
                say(&s);
            }
        }
    }
    // Of some defects a program does not say how to repair them: the photo that the memory lacks, the thing
    // that is nowhere, an operation that does not exist. Where a program was meant, it is found again.
    at_least(all.clean, all.all, 85.0, "clean after fix", &table);
    at_least(
        all.meant_clean,
        all.meant,
        95.0,
        "clean after fix, where a program was meant",
        &table,
    );
    at_least(all.same, all.all, 65.0, "equal in meaning after fix", &table);
    // What is called safe means the same, but for a name that was taken for another.
    at_least(safe.same, safe.clean, 97.0, "safe repairs that mean the same", &table);
}

#[test]
fn meant_programs_are_clean() {
    let bad: Vec<String> = bad_programs()
        .par_iter()
        .filter_map(|b| {
            let meant = b.meant.as_ref()?;
            let d = found(meant, &b.scene);
            let says = reasmory_tests::programs::findings(meant, &d);
            // What was meant may still be worth a remark.
            d.iter().any(|d| d.is_error()).then(|| format!("{}\n{meant}{says}\n", b.name))
        })
        .collect();
    assert!(bad.is_empty(), "{}", bad.concat());
}

#[test]
fn fix_leaves_good_programs_alone() {
    for g in good_programs() {
        let f = repaired(&g.text, &g.scene, Applicability::Unsafe);
        assert_eq!(f.text, g.text, "{}", g.name);
        assert!(f.applied.is_empty());
    }
}
