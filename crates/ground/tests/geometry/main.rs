//! Synthetic rooms segmented by geometry alone: how many pieces are found, what is divided, what stays
//! together.
//!
//! `cargo test --release -p reasmory_ground --test geometry -- --ignored --nocapture` is the whole
//! experiment, with the table of `spec/performance.md`.

mod score;

use reasmory_ground::geometry::{Cloud, segment};
use score::{Sample, Score};

#[test]
#[ignore = "an experiment of a minute: run it by name in a release build"]
fn many_rooms() {
    let rooms: u64 = std::env::var("ROOMS").ok().and_then(|r| r.parse().ok()).unwrap_or(50);
    println!(
        "| points | cameras | rooms | pieces | found | mean overlap | divided | together | of no piece | seconds |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let first: u64 = std::env::var("SEED").ok().and_then(|r| r.parse().ok()).unwrap_or(2000);
    let only: Option<usize> = std::env::var("CASE").ok().and_then(|c| c.parse().ok());
    let cases = [(0.025, 0.0, true), (0.025, 0.0, false), (0.025, 0.001, true), (0.01, 0.0, true)];
    for (case, (voxel, noise, cameras)) in cases.into_iter().enumerate() {
        if only.is_some_and(|o| o != case) {
            continue;
        }
        let mut s = Score::default();
        let (mut seconds, mut points) = (0.0, 0);
        for seed in 0..rooms {
            let sample = Sample::new(first + seed, (480, 360), 14, voxel, noise);
            let start = std::time::Instant::now();
            let g = sample.run(cameras);
            seconds += start.elapsed().as_secs_f64();
            points += sample.memory.points().len();
            let before = s.wrong.len();
            s.add(&sample, &g);
            if std::env::var("VERBOSE").is_ok() {
                for w in &s.wrong[before..] {
                    println!("  {}: {w}", first + seed);
                }
            }
        }
        println!(
            "| {} k, noise {noise} | {cameras} | {rooms} | {} | {:.3} | {:.3} | {} | {} | {} | {:.2} |",
            points / rooms as usize / 1000,
            s.pieces,
            s.recall(),
            s.mean_iou(),
            s.over,
            s.under,
            s.phantoms,
            seconds / rooms as f64
        );
    }
}

#[test]
fn a_few_rooms_are_divided_into_their_pieces() {
    let mut s = Score::default();
    for seed in [2000, 2003] {
        let sample = Sample::new(seed, (256, 192), 10, 0.03, 0.0);
        let g = sample.run(true);
        assert!(g.structure.floor.is_some() && g.structure.walls.len() >= 3, "{:?}", g.structure);
        assert!(g.things.iter().all(|t| (0.0..=1.0).contains(&t.confidence) && t.support > 0));
        s.add(&sample, &g);
    }
    assert!(s.recall() >= 0.8 && s.phantoms <= 2, "{} of {}: {:?}", s.found, s.pieces, s.wrong);
}

/// The things of points in another order, and of a scene of another size.
#[test]
fn order_changes_nothing_and_size_hardly_anything() {
    let sample = Sample::new(2001, (192, 144), 8, 0.04, 0.0);
    let points = sample.memory.points();
    let n = points.len();
    let straight = sample.run(true);
    // 7919 is prime and no divisor of n, so this visits every point once.
    assert!(!n.is_multiple_of(7919));
    let order: Vec<usize> = (0..n).map(|i| i * 7919 % n).collect();
    let positions: Vec<[f32; 3]> = order.iter().map(|i| points.positions[*i]).collect();
    let colors: Vec<[u8; 3]> = order.iter().map(|i| points.colors[*i]).collect();
    let mut cameras = sample.cameras.clone();
    cameras.reverse();
    let cloud = Cloud { positions: &positions, colors: &colors, cameras: &cameras, noise: 0.0 };
    let shuffled = segment(&cloud);
    assert_eq!(straight.things.len(), shuffled.things.len());
    for (k, i) in order.iter().enumerate() {
        assert_eq!(straight.of_point[*i], shuffled.of_point[k]);
    }
    for (a, b) in straight.things.iter().zip(&shuffled.things) {
        assert_eq!((a.obb, a.confidence, a.views.len()), (b.obb, b.confidence, b.views.len()));
    }
    // Four is a power of two: nothing is rounded.
    let large: Vec<[f32; 3]> = points.positions.iter().map(|p| p.map(|x| 4.0 * x)).collect();
    for c in &mut cameras {
        c.pose.center.coords *= 4.0;
    }
    let cloud = Cloud { positions: &large, colors: &points.colors, cameras: &cameras, noise: 0.0 };
    let scaled = segment(&cloud);
    let same = scaled.of_point.iter().zip(&straight.of_point).filter(|(a, b)| a == b).count();
    assert!(same * 100 >= n * 99, "{same} of {n} points");
}

#[test]
fn clouds_without_things_have_none() {
    let none = |positions: &[[f32; 3]]| {
        let colors = vec![[128; 3]; positions.len()];
        let g = segment(&Cloud { positions, colors: &colors, cameras: &[], noise: 0.0 });
        assert_eq!(g.of_point.len(), positions.len());
        assert!(g.things.is_empty(), "{:?}", g.things);
    };
    none(&[]);
    none(&[[1.0; 3]; 500]);
    none(&[[0.0, 0.0, 0.0]; 3]);
    let floor: Vec<[f32; 3]> =
        (0..10_000).map(|i| [(i % 100) as f32, (i / 100) as f32, 0.0]).collect();
    none(&floor);
    let line: Vec<[f32; 3]> = (0..1000).map(|i| [i as f32, 0.0, 0.0]).collect();
    let colors = vec![[0; 3]; line.len()];
    let g = segment(&Cloud { positions: &line, colors: &colors, cameras: &[], noise: 0.0 });
    assert!(g.things.len() <= 1);
}
