//! What models took over a run, and whose answers were taken.

use serde_json::{Value, json};

use super::Report;
use crate::{Outcome, Usage};

/// Sums over the items for which models were asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spent {
    sum: Usage,
    computed: usize,
    reasoned: usize,
    fallback: usize,
    fallback_score: f64,
    unasked: usize,
}

impl Spent {
    pub(crate) fn of(outcomes: &[Outcome]) -> Option<Spent> {
        let all = outcomes.iter().filter_map(|o| Some((o.record.usage.as_ref()?, o.record.score)));
        let all: Vec<(&Usage, f64)> = all.collect();
        if all.is_empty() {
            return None;
        }
        let mut out = Spent::default();
        out.sum.cost_usd = Some(0.0);
        for (u, score) in all {
            out.sum.calls += u.calls;
            out.sum.failed += u.failed;
            out.sum.input_tokens += u.input_tokens;
            out.sum.output_tokens += u.output_tokens;
            out.sum.cost_usd = out.sum.cost_usd.zip(u.cost_usd).map(|(a, b)| a + b);
            out.computed += usize::from(u.by == "computed");
            out.reasoned += usize::from(u.by == "reasoned");
            if u.fallback {
                out.fallback += 1;
                out.fallback_score += score;
            }
            out.unasked += usize::from(u.calls == 0 && u.failed > 0);
        }
        Some(out)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "calls": self.sum.calls,
            "failed": self.sum.failed,
            "input_tokens": self.sum.input_tokens,
            "output_tokens": self.sum.output_tokens,
            "cost_usd": self.sum.cost_usd,
            "taken": {"computed": self.computed, "reasoned": self.reasoned},
            "fallback": {"items": self.fallback, "score": self.fallback_score},
            "unasked": self.unasked,
        })
    }
}

/// The line of a report; nothing where no model was asked.
pub(crate) fn spent(r: &Report<'_>) -> Option<String> {
    let s = r.spent.as_ref()?;
    let cost = s.sum.cost_usd.map_or("cost unknown: a price is missing".to_owned(), |c| {
        format!("${c:.4} for calls made now")
    });
    let mut out = format!(
        "{} requests, {} failed; {} tokens read, {} written; {cost}. Answers taken: {} computed, {} the \
         reasoner's.",
        s.sum.calls, s.sum.failed, s.sum.input_tokens, s.sum.output_tokens, s.computed, s.reasoned,
    );
    if s.fallback > 0 {
        out.push_str(&format!(
            " Programs of the fallback: {}, which score {:.2} of the {:.2} in all.",
            s.fallback,
            s.fallback_score,
            r.all.score * r.all.items as f64
        ));
    }
    if s.unasked > 0 {
        out.push_str(&format!(
            " {} items are not done: the model could not be asked; run again to go on.",
            s.unasked
        ));
    }
    Some(out)
}
