//! `xs.is_on(y)` of a list where the operation takes one: what is said of each member is most likely meant
//! of each, as a condition or as a value.

use reasmory_diag::{Applicability, Code, Edit, Suggestion};
use reasmory_span::Span;
use reasmory_syntax::ast::{Arg, Ident};
use reasmory_types::Ty;

use super::Checker;
use super::call::Target;

impl Checker<'_> {
    /// Adds to what was reported of the receiver of a call, since there were `before` diagnostics.
    pub(super) fn of_each_member(
        &mut self,
        receiver: Span,
        callee: &Ident,
        args: &[Arg],
        target: &Target,
        span: Span,
        before: usize,
    ) {
        let reported = self.diagnostics[before..].iter().position(|d| {
            matches!(d.code, Code::SeveralInstances | Code::TypeMismatch)
                && d.primary.span == receiver
        });
        let Some(n) = reported else { return };
        let result = match target {
            Target::Op(def) => &def.signature().result,
            Target::Fn(name) => match self.fns.get(name) {
                Some(f) => &f.signature.result,
                None => return,
            },
        };
        let suggestion = if args.is_empty() && matches!(callee.name.as_str(), "length" | "size") {
            let end = Span::new(callee.span.start, span.end);
            Suggestion {
                title: "count the members".into(),
                edits: vec![Edit { span: end, insert: "count()".into() }],
                applicability: Applicability::Unsafe,
            }
        } else if *result == Ty::Bool {
            let Some(member) = ["o", "x", "member"].into_iter().find(|m| self.lookup(m).is_none())
            else {
                return;
            };
            Suggestion {
                title: "keep those of which it holds".into(),
                edits: vec![
                    Edit {
                        span: Span::at(receiver.end),
                        insert: format!(".filter({member} => {member}"),
                    },
                    Edit { span: Span::at(span.end), insert: ")".into() },
                ],
                applicability: Applicability::Unsafe,
            }
        } else {
            return;
        };
        let d = &mut self.diagnostics[before + n];
        d.suggestions.insert(0, suggestion);
    }
}
