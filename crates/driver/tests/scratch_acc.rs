use reasmory_driver::fuzz::*;
use std::collections::BTreeMap;
#[test]
#[ignore = "scratch"]
fn acc() {
    let mut g = Generator::new(3);
    let m = std::env::var("M").is_ok();
    let mut codes: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut ok = 0;
    let _ = m;
    for _ in 0..1500 {
        let t = g.program();
        let s = reasmory_driver::Source::new("x", t.clone());
        let r = reasmory_driver::check(
            &s,
            reasmory_driver::sema::CheckOptions {
                scene: Some(reasmory_driver::fuzz::scratch()),
                ..Default::default()
            },
        );
        if r.is_ok() {
            ok += 1;
        } else {
            let d = r.diagnostics.iter().find(|d| d.is_error()).unwrap();
            let e = codes.entry(format!("{:?}", d.code)).or_insert((0, String::new()));
            e.0 += 1;
            if e.1.len() < 1500 {
                e.1 += &format!(
                    "   {}: {}\n",
                    d.message,
                    &d.primary
                        .span
                        .text(&t)
                        .chars()
                        .take(120)
                        .collect::<String>()
                        .replace('\n', " ")
                );
            }
        }
    }
    println!("ok {ok}");
    let mut v: Vec<_> = codes.into_iter().collect();
    v.sort_by_key(|x| std::cmp::Reverse(x.1.0));
    for (c, (n, e)) in v {
        println!("{c} {n}\n{e}");
    }
    let mut g = Generator::new(77);
    for _ in 0..6 {
        println!("-----\n{}", g.program());
    }
}
