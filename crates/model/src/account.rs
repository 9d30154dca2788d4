//! What the calls of a run cost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{ModelError, Origin, Reply, Usage};

/// US dollars per million tokens, by model. There are none built in: prices change, and a wrong one is worse
/// than none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices(BTreeMap<String, (f64, f64)>);

impl Prices {
    /// Reads `{"MODEL": {"input": 2.5, "output": 10}}`; `name` is what errors call the text.
    pub fn parse(name: &str, text: &str) -> Result<Prices, ModelError> {
        let wrong = |why: String| {
            ModelError::configuration(
                format!("{name}: {why}"),
                "write {\"MODEL\": {\"input\": 2.5, \"output\": 10}}: dollars per million tokens",
            )
        };
        let value: Value = serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let rows = value.as_object().ok_or_else(|| wrong("is no object".into()))?;
        let mut prices = BTreeMap::new();
        for (model, row) in rows {
            let price =
                |k: &str| row.get(k).and_then(Value::as_f64).filter(|x| x.is_finite() && *x >= 0.0);
            let (Some(input), Some(output)) = (price("input"), price("output")) else {
                return Err(wrong(format!("`{model}` lacks a price `input` or `output`")));
            };
            prices.insert(model.clone(), (input, output));
        }
        Ok(Prices(prices))
    }

    /// Dollars of a call: by the name that the provider says answered, else by the name that was asked.
    pub(crate) fn of(&self, answered: Option<&str>, name: &str, usage: Usage) -> Option<f64> {
        let short = name.rsplit_once(':').map_or(name, |n| n.1);
        let row = answered.and_then(|m| self.0.get(m));
        let (input, output) = row.or_else(|| self.0.get(name)).or_else(|| self.0.get(short))?;
        Some((usage.input as f64 * input + usage.output as f64 * output) / 1e6)
    }
}

/// Sums over the calls of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Account {
    /// Requests answered, wherever from.
    pub calls: u64,
    /// Of these, answered by the cache.
    pub cached: u64,
    /// Of these, answered by a transcript.
    pub replayed: u64,
    /// Requests that got no answer.
    pub failed: u64,
    /// Tries in vain before an answer.
    pub retries: u64,
    /// Tokens read. Those of cached and replayed answers were paid before and count all the same.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// US dollars of the calls that were made now; `None` where a price or a count is missing.
    pub cost: Option<f64>,
}

impl Account {
    /// An account without calls.
    pub fn new() -> Account {
        Account { cost: Some(0.0), ..Account::default() }
    }

    /// Books an answer.
    pub fn book(&mut self, reply: &Reply, name: &str, prices: &Prices) {
        self.calls += 1;
        self.retries += u64::from(reply.retries);
        let usage = reply.usage.unwrap_or_default();
        self.input_tokens += usage.input;
        self.output_tokens += usage.output;
        match reply.origin {
            Origin::Cached => self.cached += 1,
            Origin::Replayed => self.replayed += 1,
            Origin::Asked => {
                self.cost = match (
                    self.cost,
                    reply.usage.and_then(|u| prices.of(reply.model.as_deref(), name, u)),
                ) {
                    (Some(sum), Some(cost)) => Some(sum + cost),
                    _ => None,
                };
            }
        }
    }

    /// Adds another account.
    pub fn add(&mut self, other: &Account) {
        self.calls += other.calls;
        self.cached += other.cached;
        self.replayed += other.replayed;
        self.failed += other.failed;
        self.retries += other.retries;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cost = self.cost.zip(other.cost).map(|(a, b)| a + b);
    }

    /// As in the output of a run.
    pub fn json(&self, name: &str) -> Value {
        json!({
            "name": name,
            "calls": self.calls,
            "cached": self.cached,
            "replayed": self.replayed,
            "failed": self.failed,
            "retries": self.retries,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": self.cost,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_summed_where_they_are_known() {
        let prices = Prices::parse("p", r#"{"m": {"input": 2, "output": 10}}"#).unwrap();
        let reply = Reply {
            usage: Some(Usage { input: 500_000, output: 100_000 }),
            retries: 2,
            ..Reply::default()
        };
        let mut a = Account::new();
        a.book(&reply, "openai:m", &prices);
        assert_eq!((a.cost, a.retries, a.input_tokens), (Some(2.0), 2, 500_000));
        // What is answered from a file costs nothing now.
        a.book(&Reply { origin: Origin::Replayed, ..reply.clone() }, "openai:m", &prices);
        assert_eq!((a.cost, a.replayed, a.calls), (Some(2.0), 1, 2));
        a.book(&Reply { model: Some("other".into()), ..reply }, "openai:other", &prices);
        assert_eq!(a.cost, None);
    }

    #[test]
    fn prices_are_checked() {
        for bad in ["", "[]", r#"{"m": 1}"#, r#"{"m": {"input": -1, "output": 1}}"#] {
            let e = Prices::parse("prices.json", bad).unwrap_err();
            assert!(e.to_string().starts_with("prices.json"), "{e}");
        }
    }
}
