//! The report of a build as one page that needs nothing else: figures, pictures, warnings.

use std::fmt::Write as _;

use base64::Engine as _;
use reasmory_diag::shown::markup;
use reasmory_render::{Cloud, Mark, TopOptions, encode_jpeg, encode_png, top};
use reasmory_scene::{Memory, Rgb8};
use serde_json::Value;

use crate::quality::{Compared, Quality};

/// Most photos that are shown.
const SHOWN: usize = 24;
/// Size of the views from above.
const ABOVE: (u32, u32) = (720, 540);

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;\
color:#1b1f24}h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}table{border-collapse:collapse}td,th{padding:\
.2em .8em;border-bottom:1px solid #d8dee4;text-align:left}td.n,th.n{text-align:right}figure{display:inline-block;\
margin:.4em;vertical-align:top}figcaption{font-size:.85em;color:#57606a}img{max-width:100%;display:block}.w{border-\
left:4px solid #bf8700;background:#fff8c5;padding:.5em 1em;margin:.5em 0}.bar{fill:#4c8eda}";

fn figure(out: &mut String, bytes: Option<Vec<u8>>, kind: &str, caption: &str) {
    let Some(bytes) = bytes else { return };
    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
    let caption = markup(caption);
    let _ = writeln!(
        out,
        "<figure><img alt=\"{caption}\" src=\"data:image/{kind};base64,{data}\"><figcaption>{caption}\
         </figcaption></figure>"
    );
}

fn above(memory: &Memory, cloud: &Cloud, photographic: bool) -> Option<Vec<u8>> {
    let m = memory.manifest();
    let mut marks: Vec<Mark> = m.photos.iter().map(|p| Mark::Photo(p.number)).collect();
    marks.extend((1..=m.instances.len() as u32).map(Mark::Instance));
    let options = TopOptions {
        width: ABOVE.0,
        height: ABOVE.1,
        marks: &marks,
        photographic,
        ..TopOptions::default()
    };
    encode_png(&top(memory, cloud, &options).ok()?.image).ok()
}

fn jpeg(picture: &Rgb8) -> Option<Vec<u8>> {
    encode_jpeg(picture, 82).ok()
}

fn cell(v: &Value) -> String {
    match v {
        Value::Null => "–".into(),
        Value::String(s) => markup(s),
        other => other.to_string(),
    }
}

/// Reprojection error (or, where a frontend states none, the noise of our picture against the photo) of each
/// photo as bars, so that the odd one out is seen.
fn bars(photos: &[Value]) -> String {
    let stated = photos.iter().any(|p| p["reprojection_px"].is_number());
    let (key, title) = if stated {
        ("reprojection_px", "Mean reprojection error by photo, pixels")
    } else {
        ("coverage", "Part of each photo that the memory covers")
    };
    let values: Vec<(String, f64)> =
        photos.iter().filter_map(|p| Some((cell(&p["name"]), p[key].as_f64()?))).collect();
    let most = values.iter().map(|v| v.1).fold(0.0, f64::max);
    if values.is_empty() || most <= 0.0 {
        return String::new();
    }
    let width = (values.len() as f64 * 14.0).max(200.0);
    let mut out = format!(
        "<h2>{title}</h2><svg width=\"{width}\" height=\"130\" viewBox=\"0 0 {width} 130\" role=\"img\">"
    );
    for (i, (name, v)) in values.iter().enumerate() {
        let h = 110.0 * v / most;
        let _ = write!(
            out,
            "<rect class=\"bar\" x=\"{}\" y=\"{:.1}\" width=\"11\" height=\"{h:.1}\"><title>{name}: {v}</title>\
             </rect>",
            i * 14,
            115.0 - h
        );
    }
    let _ = writeln!(out, "<text x=\"0\" y=\"128\" font-size=\"11\">highest: {most}</text></svg>");
    out
}

/// The page.
pub(crate) fn html(
    memory: &Memory,
    quality: &Quality,
    compared: &[Compared],
    report: &Value,
) -> String {
    let m = memory.manifest();
    let cloud = Cloud::new(memory);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title><style>{STYLE}</style>\n\
         <h1>{0}</h1>\n",
        markup(&m.name)
    );
    for w in &quality.warnings {
        let (what, remedy) = (markup(&w.what), markup(&w.remedy));
        let _ = writeln!(out, "<div class=\"w\"><b>{}</b>: {what}. {remedy}.</div>", w.name);
    }
    let unit = if m.scale.is_metric() { "m" } else { "units" };
    let by = |v: &Value| match v {
        Value::Null => "none".to_owned(),
        v => format!("{} {}", cell(&v["name"]), cell(&v["version"])),
    };
    let figures = [
        ("Frontend", by(&report["frontend"])),
        ("Grounding", by(&report["ground"])),
        (
            "Registered photos",
            format!("{} of {}", report["registered"]["photos"], report["registered"]["of"]),
        ),
        ("Points", m.points.to_string()),
        ("Instances", m.instances.len().to_string()),
        (
            "Scale",
            format!("{}: {}", cell(&report["scale"]["kind"]), cell(&report["scale"]["source"])),
        ),
        ("Positional uncertainty", format!("{} {unit}", cell(&report["uncertainty"]))),
        ("Median reprojection error, pixels", cell(&report["reprojection_px"])),
        ("Median coverage of a photo", cell(&report["coverage"])),
        ("Median PSNR against a photo, dB", cell(&report["psnr_db"])),
    ];
    out.push_str("<table>\n");
    for (name, value) in figures {
        let _ = writeln!(out, "<tr><th>{name}</th><td>{value}</td></tr>");
    }
    out.push_str("</table>\n<h2>From above</h2>\n");
    figure(&mut out, above(memory, &cloud, true), "png", "Points and cameras");
    figure(&mut out, above(memory, &cloud, false), "png", "Plan: cameras and instances");
    if !m.categories.is_empty() {
        out.push_str(
            "<h2>Instances</h2>\n<table><tr><th>Category</th><th class=n>Instances</th></tr>\n",
        );
        for c in &m.categories {
            let (name, n) = (markup(&c.name), c.instances.len());
            let _ = writeln!(out, "<tr><td>{name}</td><td class=n>{n}</td></tr>");
        }
        out.push_str("</table>\n");
    }
    let rows = report["photos"].as_array().map_or(&[][..], Vec::as_slice);
    out.push_str(&bars(rows));
    if !compared.is_empty() {
        out.push_str("<h2>Photos, and the memory from their cameras</h2>\n");
        // Evenly, where there are too many.
        let n = compared.len();
        for k in 0..n.min(SHOWN) {
            let c = &compared[k * n / n.min(SHOWN)];
            let name = m.photo(c.number).map_or("", |p| &p.name);
            let psnr = c.psnr.map_or(String::new(), |d| format!(", {d:.1} dB"));
            figure(&mut out, jpeg(&c.photo), "jpeg", &format!("Photo {}: {name}", c.number));
            let caption = format!("covers {:.0} %{psnr}", 100.0 * c.coverage);
            figure(&mut out, jpeg(&c.drawn), "jpeg", &caption);
        }
    }
    if !rows.is_empty() {
        out.push_str(
            "<h2>All photos</h2>\n<table><tr><th class=n>Number</th><th>Name</th><th class=n>Reprojection, px</th>\
             <th class=n>Coverage</th><th class=n>PSNR, dB</th></tr>\n",
        );
        for r in rows {
            let number =
                if r["registered"] == true { cell(&r["number"]) } else { "not placed".into() };
            let _ = writeln!(
                out,
                "<tr><td class=n>{number}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td>\
                 </tr>",
                cell(&r["name"]),
                cell(&r["reprojection_px"]),
                cell(&r["coverage"]),
                cell(&r["psnr_db"])
            );
        }
        out.push_str("</table>\n");
    }
    out.push_str("<h2>How it was made</h2>\n<ul>\n");
    for n in &m.provenance.notes {
        let _ = writeln!(out, "<li>{}</li>", markup(n));
    }
    out.push_str("</ul>\n</html>\n");
    out
}
