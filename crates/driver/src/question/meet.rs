//! How the answer of a run meets an option: by rule, not by luck.

use reasmory_runtime::AnswerValue;
use reasmory_sema::question::{Met, Options};
use reasmory_types::UNITS;

use crate::answer::Printing;

/// The letter of the option an answer meets; `None` when it fits none.
pub fn meet(v: &AnswerValue, p: Printing<'_>, options: &[String]) -> Option<String> {
    let met = match v {
        AnswerValue::Bool(b) => Met::Bool(*b),
        AnswerValue::Direction(d) => Met::Direction(*d),
        AnswerValue::Object { name, category, .. } => Met::Noun(vec![name, category]),
        AnswerValue::Category(t) | AnswerValue::Region(t) => Met::Noun(vec![t]),
        AnswerValue::Text(t) => Met::Text(t),
        AnswerValue::List(members) => {
            Met::List(members.iter().map(|m| crate::answer::text(m, p)).collect())
        }
        AnswerValue::Photo(n) => Met::Photo(*n),
        AnswerValue::Int(i) => Met::Int(*i),
        AnswerValue::Quantity(x, dim) => {
            Met::Quantity(*x, *dim, p.unit.and_then(|u| UNITS.get(u as usize)))
        }
        AnswerValue::Record(..)
        | AnswerValue::View { .. }
        | AnswerValue::Group(..)
        | AnswerValue::Image(_) => return None,
    };
    let options = Options::new(options);
    let at = options.meet(&met)?;
    options.get(at).map(|c| c.letter.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reasmory_types::{Dim, Direction};

    const P: Printing<'static> = Printing { ty: None, unit: None, metric: true };

    fn met(v: AnswerValue, options: &[&str]) -> Option<String> {
        let options: Vec<String> = options.iter().map(|s| (*s).to_owned()).collect();
        meet(&v, P, &options)
    }

    #[test]
    fn by_rule() {
        use AnswerValue as A;
        assert_eq!(met(A::Bool(true), &["A. No", "B. Yes"]).as_deref(), Some("B"));
        assert_eq!(
            met(A::Direction(Direction::FrontLeft), &["A. back-left", "B. Front-Left"]).as_deref(),
            Some("B")
        );
        assert_eq!(met(A::Category("tv".into()), &["A. chair", "B. TV"]).as_deref(), Some("B"));
        let chair = A::Object { id: 2, category: "chair".into(), name: "chair #2".into() };
        assert_eq!(met(chair.clone(), &["A. chair #1", "B. chair #2"]).as_deref(), Some("B"));
        assert_eq!(met(chair, &["A. sofa", "B. chairs"]).as_deref(), Some("B"));
        assert_eq!(
            met(A::Quantity(1.52, Dim::LENGTH), &["A. 90 cm", "B. 150 cm", "C. 2.1 m"]).as_deref(),
            Some("B")
        );
        assert_eq!(met(A::Int(4), &["3", "4", "5"]).as_deref(), Some("B"));
        let order = A::List(vec![A::Text("bed".into()), A::Text("trash bin".into())]);
        assert_eq!(met(order, &["A. trash bin, bed", "B. bed, trash bin"]).as_deref(), Some("B"));
        assert_eq!(met(A::Text("b".into()), &["A. x", "B. y"]).as_deref(), Some("B"));
        assert_eq!(met(A::Direction(Direction::Front), &["A. left", "B. right"]), None);
        assert_eq!(met(A::Image(0), &["A. left"]), None);
    }
}
