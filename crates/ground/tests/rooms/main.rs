//! Synthetic rooms with exact masks, depth and poses, clean and with noise: how many things are found, how
//! well their boxes fit, and what scaling and shuffling change.
//!
//! `cargo test --release -p reasmory_ground --test rooms -- --ignored --nocapture` is the whole experiment
//! over fifty rooms, with the table of `spec/performance.md`.

mod capture;
mod paper;
mod score;

use capture::{Capture, ERODED, EXACT, MISSING};
use reasmory_ground::{Grounding, Options, ground};
use score::{Prediction, Score};

/// What the method says, as what is scored.
fn predictions(g: &Grounding) -> Vec<Prediction> {
    g.instances.iter().map(|f| Prediction { label: f.label.clone(), obb: Some(f.obb) }).collect()
}

/// Masks by the thing they went into, in a form that does not depend on the order of things or views.
fn partition(g: &Grounding, order: &[usize]) -> Vec<Vec<(usize, usize)>> {
    let mut out: Vec<Vec<(usize, usize)>> = g
        .instances
        .iter()
        .map(|f| {
            let mut m: Vec<_> = f.masks.iter().map(|(v, m)| (order[*v], *m)).collect();
            m.sort_unstable();
            m
        })
        .collect();
    out.sort();
    out
}

/// Least overlap of the boxes of two groundings of the same scene, the second scaled by `scale`.
fn least_overlap(a: &Grounding, b: &Grounding, scale: f64) -> f64 {
    assert_eq!(a.instances.len(), b.instances.len());
    let back = |f: &reasmory_ground::Found| {
        let mut o = f.obb;
        o.center.coords /= scale;
        o.half /= scale;
        score::padded(o)
    };
    a.instances
        .iter()
        .zip(&b.instances)
        .map(|(x, y)| reasmory_ground::upright_iou(&score::padded(x.obb), &back(y)))
        .fold(1.0, f64::min)
}

fn run(c: &Capture) -> Grounding {
    ground(&c.views, &Options::default()).expect("the views are sound")
}

/// Scaling changes neither the partition nor the boxes, the order of views nothing at all.
fn invariances(c: &Capture, g: &Grounding) -> f64 {
    let order: Vec<usize> = (0..c.views.len()).collect();
    let mut least = 1.0f64;
    for scale in [0.01, 100.0] {
        let scaled = run(&c.scaled(scale));
        assert_eq!(partition(g, &order), partition(&scaled, &order), "scaled by {scale}");
        least = least.min(least_overlap(g, &scaled, scale));
    }
    let (shuffled, order) = c.shuffled(11);
    let again = run(&shuffled);
    let straight: Vec<usize> = (0..c.views.len()).collect();
    assert_eq!(partition(g, &straight), partition(&again, &order), "shuffled");
    for (a, b) in g.instances.iter().zip(&again.instances) {
        assert_eq!((a.obb, &a.label, a.confidence), (b.obb, &b.label, b.confidence));
    }
    least
}

#[test]
fn a_few_rooms_are_found_whole() {
    for seed in [3, 8] {
        for noise in [EXACT, MISSING] {
            let c = Capture::new(seed, noise, (160, 120), 10);
            let g = run(&c);
            let mut s = Score::default();
            s.add(&c, &predictions(&g));
            assert!(s.count_f1() >= 0.85, "seed {seed}: {} {:?}", s.count_f1(), s.wrong);
            if seed == 3 {
                let least = invariances(&c, &g);
                assert!(least >= 1.0 - 1e-6, "boxes change by scale: {least}");
            }
            for f in &g.instances {
                assert!(
                    f.confidence > 0.0 && f.covariance.cholesky().is_some() && !f.views.is_empty()
                );
            }
        }
    }
}

#[test]
#[ignore = "an experiment of a minute: run it by name in a release build"]
fn fifty_rooms() {
    let rooms: u64 = std::env::var("ROOMS").ok().and_then(|r| r.parse().ok()).unwrap_or(50);
    println!(
        "| masks, poses, depth | method | count F1 | found F1 (IoU 0.25) | median box IoU | boxes |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, noise) in [
        ("exact", EXACT),
        ("pose 1 cm / 0.5°, depth 1 %, masks eroded", ERODED),
        ("pose 1 cm / 0.5°, depth 1 %, 10 % missing, 5 % wrong labels", MISSING),
    ] {
        let (mut ours, mut theirs) = (Score::default(), Score::default());
        let mut least = 1.0f64;
        let mut seconds = 0.0;
        for seed in 0..rooms {
            let c = Capture::new(1000 + seed, noise, (320, 240), 14);
            let start = std::time::Instant::now();
            let g = run(&c);
            seconds += start.elapsed().as_secs_f64();
            ours.add(&c, &predictions(&g));
            theirs.add(&c, &paper::merge(&c));
            if seed < 10 {
                least = least.min(invariances(&c, &g));
            }
        }
        for (method, s) in [("this", &ours), ("the paper's rule", &theirs)] {
            println!(
                "| {name} | {method} | {:.4} | {:.4} | {} | {} |",
                s.count_f1(),
                s.found_f1(),
                s.median_iou().map_or("–".into(), |m| format!("{m:.3}")),
                s.ious.len()
            );
        }
        println!(
            "  1 − least box overlap under scaling: {:.2e}; {:.2} s a room",
            1.0 - least,
            seconds / rooms as f64
        );
        println!("  off: {:?}", ours.worst());
    }
}
