//! W0708: options that no answer tells apart.

use reasmory_diag::{Code, Diagnostic};

use crate::question::Cx;

pub(super) fn check(cx: &mut Cx<'_>) {
    let Some(answer) = cx.answers.first() else { return };
    let options = &cx.question.options;
    let Some((i, j)) = options.alike(&answer.value.ty, answer.unit) else { return };
    let (Some(a), Some(b)) = (options.get(i), options.get(j)) else { return };
    let d = Diagnostic::new(
        Code::OptionsAlike,
        answer.value.span,
        format!("options {} and {} are one and the same to this answer", a.letter, b.letter),
    )
    .label(format!("meets {} where {} may be meant", a.letter, b.letter))
    .note(format!("{}. {}; {}. {}", a.letter, a.text, b.letter, b.text))
    .help("mend the question; or answer something that tells the two apart");
    cx.out.push(d);
}
