//! The report as Markdown.

use super::{Group, Report, STAGES, spent};

/// Misses that are listed; the page has all.
const MISSES: usize = 100;

pub(crate) fn percent(x: f64) -> String {
    format!("{:.2}", 100.0 * x)
}

fn trimmed(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A cell: one line, without what Markdown reads.
fn cell(text: &str) -> String {
    let one: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

fn row(r: &Report<'_>, g: &Group, bold: bool) -> String {
    let name = if bold { "**all**".to_owned() } else { cell(&g.name) };
    let mut cells = vec![
        name,
        g.items.to_string(),
        g.answered.to_string(),
        percent(g.score),
        format!("{} – {}", percent(g.interval.low), percent(g.interval.high)),
    ];
    cells.extend(g.refined.map(percent));
    cells.extend(g.lost.iter().map(|x| if *x == 0.0 { String::new() } else { trimmed(*x) }));
    cells.push(if g.ties == 0 { String::new() } else { g.ties.to_string() });
    if r.timings {
        cells.push(format!("{:.2}", 1e3 * g.seconds[0]));
        cells.push(format!("{:.2}", 1e3 * g.seconds[1]));
    }
    format!("| {} |\n", cells.join(" | "))
}

/// The tables of a report, and what scored less than 1.
pub fn markdown(r: &Report<'_>) -> String {
    let setting = |key: &str| r.settings[key].as_str().unwrap_or("").to_owned();
    let mut out = format!(
        "# {}\n\nPlanner: {}; memory: {}; engine: {}; Reasmory {}.\n\n",
        r.benchmark.name(),
        setting("planner"),
        setting("memory"),
        setting("engine"),
        setting("version"),
    );
    out.push_str(&format!(
        "Overall: **{} %** (95 %: {} – {}), the {}. Metric: {}.\n\n",
        percent(r.overall.0),
        percent(r.overall.1.low),
        percent(r.overall.1.high),
        r.benchmark.overall(),
        r.benchmark.metric(),
    ));
    if let Some(line) = spent(r) {
        out.push_str(&format!("Models: {}\n\n", cell(&line)));
    }
    let mut head = vec!["family", "items", "answered", "score %", "95 % interval"];
    if r.all.refined.is_some() {
        head.push("refined %");
    }
    let lost: Vec<String> = STAGES.iter().map(|s| format!("lost: {}", s.name())).collect();
    head.extend(lost.iter().map(String::as_str));
    head.push("ties");
    if r.timings {
        head.extend(["plan ms", "run ms"]);
    }
    let rule: Vec<&str> =
        head.iter().enumerate().map(|(i, _)| if i == 0 { "---" } else { "---:" }).collect();
    out.push_str(&format!("| {} |\n| {} |\n", head.join(" | "), rule.join(" | ")));
    for g in &r.families {
        out.push_str(&row(r, g, false));
    }
    out.push_str(&row(r, &r.all, true));
    out.push_str(
        "\nScores are over all rows of the question file. What is missing to 100 % was lost at the stages, \
         in items; wrong answers count at `reason`.\n",
    );
    if !r.skipped.is_empty() {
        out.push_str("\n## Skipped rows\n\n");
        for (reason, n) in &r.skipped {
            out.push_str(&format!("- {n}: {}\n", cell(reason)));
        }
    }
    let misses: Vec<_> = r.outcomes.iter().filter(|o| o.record.score < 1.0).collect();
    if !misses.is_empty() {
        out.push_str(
            "\n## Less than 1\n\n| id | family | stage | answer | truth | score | note |\n",
        );
        out.push_str("|---|---|---|---|---|---:|---|\n");
        for o in misses.iter().take(MISSES) {
            let x = &o.record;
            let id = x.id.as_str().map_or_else(|| x.id.to_string(), str::to_owned);
            let truth = x.truth.as_str().map_or_else(|| x.truth.to_string(), str::to_owned);
            let given = x.answer["option"].as_str().or_else(|| x.answer["text"].as_str());
            out.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} | {} |\n",
                cell(&id),
                cell(&x.family),
                x.stage.name(),
                cell(given.unwrap_or("")),
                cell(&truth),
                trimmed(x.score),
                cell(&x.note),
            ));
        }
        if misses.len() > MISSES {
            out.push_str(&format!("\n{} more are not listed.\n", misses.len() - MISSES));
        }
    }
    out
}
