//! The report as one page that needs nothing else: a table, and a section for each item.

use std::path::Path;

use base64::Engine as _;
use reasmory_driver::diag::shown::markup;

use super::{Group, Report, STAGES};
use crate::{Outcome, Stage};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;\
color:#1c1f23}table{border-collapse:collapse;margin:1em 0}th,td{padding:.2em .7em;text-align:right;\
border-bottom:1px solid #dde1e6}th:first-child,td:first-child{text-align:left}pre{background:#f5f6f8;\
padding:.7em;overflow:auto;white-space:pre-wrap}details{border-bottom:1px solid #dde1e6;padding:.35em 0}\
summary{cursor:pointer}.bad{color:#a1260d}.part{color:#8a6100}.good{color:#1a7f37}dt{font-weight:600}\
dd{margin:0 0 .5em 0}img{max-width:100%;height:auto;border:1px solid #dde1e6}figure{margin:.5em 0}\
figcaption{color:#57606a}";

fn percent(x: f64) -> String {
    format!("{:.2}", 100.0 * x)
}

fn row(r: &Report<'_>, g: &Group) -> String {
    let mut cells = vec![
        g.items.to_string(),
        g.answered.to_string(),
        percent(g.score),
        format!("{} – {}", percent(g.interval.low), percent(g.interval.high)),
    ];
    if r.all.refined.is_some() {
        cells.push(g.refined.map(percent).unwrap_or_default());
    }
    cells.extend(g.lost.iter().map(|x| if *x == 0.0 { String::new() } else { format!("{x:.2}") }));
    cells.push(g.ties.to_string());
    if r.timings {
        cells.extend(g.seconds.iter().map(|s| format!("{:.2}", 1e3 * s)));
    }
    let cells: String = cells.iter().map(|c| format!("<td>{c}</td>")).collect();
    format!("<tr><td>{}</td>{cells}</tr>\n", markup(&g.name))
}

/// A picture as part of the page; a note where its file is gone.
fn picture(dir: Option<&Path>, file: &str, caption: &str) -> String {
    let bytes = dir.and_then(|d| std::fs::read(d.join(file)).ok());
    let body = match bytes {
        Some(b) => {
            let data = base64::engine::general_purpose::STANDARD.encode(b);
            format!("<img alt=\"{}\" src=\"data:image/png;base64,{data}\">", markup(caption))
        }
        None => format!("<p>(the picture {} is missing)</p>", markup(file)),
    };
    format!("<figure>{body}<figcaption>{}</figcaption></figure>\n", markup(caption))
}

fn section(number: usize, o: &Outcome, dir: Option<&Path>) -> String {
    let x = &o.record;
    let id = x.id.as_str().map_or_else(|| x.id.to_string(), str::to_owned);
    let truth = x.truth.as_str().map_or_else(|| x.truth.to_string(), str::to_owned);
    let class = match (x.stage, x.score) {
        (Stage::Answered, 1.0) => "good",
        (Stage::Answered, s) if s > 0.0 => "part",
        _ => "bad",
    };
    let mut out = format!(
        "<details id=\"item-{number}\"><summary><b>{}</b> {} <span class=\"{class}\">{} · {}</span></summary>\n\
         <dl><dt>Question</dt><dd>{}</dd>\n",
        markup(&id),
        markup(&x.family),
        x.stage.name(),
        percent(x.score),
        markup(&x.question),
    );
    let mut entry = |name: &str, body: &str| {
        if !body.is_empty() {
            out.push_str(&format!("<dt>{name}</dt><dd>{body}</dd>\n"));
        }
    };
    let options: String = x.options.iter().map(|o| format!("{}<br>", markup(o))).collect();
    entry("Options", &options);
    entry("Scene", &markup(x.scene.as_deref().unwrap_or("")));
    if !x.program.is_empty() {
        entry("Program", &format!("<pre>{}</pre>", markup(&x.program)));
    }
    if !x.diagnostics.is_empty() {
        entry("Diagnostics", &format!("<pre>{}</pre>", markup(&x.diagnostics)));
    }
    entry("Note", &markup(&x.note));
    let text = x.answer["text"].as_str().unwrap_or("none");
    let option = x.answer["option"].as_str().map(|o| format!(" → {o}")).unwrap_or_default();
    let status = x.status.as_deref().map(|s| format!(" ({s})")).unwrap_or_default();
    entry("Answer", &markup(&format!("{text}{option}{status}")));
    entry("Truth", &markup(&truth));
    if let Some(u) = &x.usage {
        let fallback = if u.fallback { "; the fallback's program" } else { "" };
        entry(
            "Models",
            &markup(&format!(
                "{} requests, {} tokens read, {} written; taken: {}{fallback}",
                u.calls, u.input_tokens, u.output_tokens, u.by
            )),
        );
    }
    out.push_str("</dl>\n");
    for p in &x.pictures {
        out.push_str(&picture(dir, &p.file, &p.caption));
    }
    out.push_str("</details>\n");
    out
}

/// The page. `dir` is the folder that the pictures' files are in.
pub fn html(r: &Report<'_>, dir: Option<&Path>) -> String {
    let name = r.benchmark.name();
    let setting = |key: &str| markup(r.settings[key].as_str().unwrap_or(""));
    let mut head = vec!["family", "items", "answered", "score %", "95 % interval"];
    if r.all.refined.is_some() {
        head.push("refined %");
    }
    head.extend(STAGES.iter().map(|s| s.name()));
    head.push("ties");
    if r.timings {
        head.extend(["plan ms", "run ms"]);
    }
    let head: String = head.iter().map(|h| format!("<th>{h}</th>")).collect();
    let rows: String = r.families.iter().chain([&r.all]).map(|g| row(r, g)).collect();
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title>\
         <style>{STYLE}</style></head><body>\n<h1>{name}</h1>\n\
         <p>Planner: {}; memory: {}; engine: {}; Reasmory {}.</p>\n\
         <p>Overall: <b>{} %</b> (95 %: {} – {}), the {}. Metric: {}.</p>\n\
         <table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n\
         <p>Scores are over all rows of the question file; what is missing to 100 % was lost at the stages, \
         in items, and wrong answers count at <i>reason</i>.</p>\n",
        setting("planner"),
        setting("memory"),
        setting("engine"),
        setting("version"),
        percent(r.overall.0),
        percent(r.overall.1.low),
        percent(r.overall.1.high),
        r.benchmark.overall(),
        r.benchmark.metric(),
    );
    if let Some(line) = super::spent(r) {
        out.push_str(&format!("<p>Models: {}</p>\n", markup(&line)));
    }
    for (reason, n) in &r.skipped {
        out.push_str(&format!("<p>Skipped: {n}: {}</p>\n", markup(reason)));
    }
    let sections = |keep: &dyn Fn(f64) -> bool| -> String {
        let all = r.outcomes.iter().enumerate();
        all.filter(|(_, o)| keep(o.record.score)).map(|(i, o)| section(i + 1, o, dir)).collect()
    };
    out.push_str(&format!("<h2>Less than 1</h2>\n{}", sections(&|s| s < 1.0)));
    out.push_str(&format!("<h2>Right</h2>\n{}", sections(&|s| s >= 1.0)));
    out.push_str("</body></html>\n");
    out
}
