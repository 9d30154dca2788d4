//! The form of a plan: one function `plan_to_solve_problem` with one parameter.

use reasmory_diag::{Applicability, Code, Diagnostic};
use reasmory_span::Span;
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged as _;

use crate::forms;
use crate::plan::Cx;
use crate::syntax::{range, span};
use crate::value::Value;

/// The function's name.
const NAME: &str = "plan_to_solve_problem";

/// A plan's statements, and where the plan ends.
pub(crate) struct Shape<'s> {
    pub(crate) body: Vec<&'s Stmt>,
    pub(crate) end: Span,
}

/// Finds the plan's function and reports what else there is.
pub(crate) fn find<'s>(cx: &mut Cx<'_>, module: &'s [Stmt], inside: Span) -> Shape<'s> {
    let functions: Vec<&StmtFunctionDef> = module
        .iter()
        .filter_map(|s| if let Stmt::FunctionDef(f) = s { Some(f) } else { None })
        .collect();
    let chosen =
        functions.iter().find(|f| f.name.id == NAME).or_else(|| functions.first()).copied();
    let Some(function) = chosen else {
        return without_function(cx, module, inside);
    };
    for s in module {
        cx.in_statement(s);
        match s {
            Stmt::FunctionDef(f) if std::ptr::eq(f, function) => {}
            Stmt::FunctionDef(f) => cx.report(
                Diagnostic::new(
                    Code::PlanShape,
                    range(f.name.range()),
                    format!("`{}` is a second function", f.name.id),
                )
                .label("one too many")
                .also(range(function.name.range()), "the plan")
                .help(format!("a plan is the one function `{NAME}`: write its calls there")),
            ),
            s if harmless(s) => {}
            s => cx.report(
                Diagnostic::new(
                    Code::PlanShape,
                    cx.head(span(s)),
                    "a statement outside the plan's function",
                )
                .label("not part of the plan")
                .help(format!("move it into `{NAME}`, or leave it out")),
            ),
        }
    }
    cx.quiet = false;
    signature(cx, function);
    Shape { body: function.body.iter().collect(), end: range(function.name.range()) }
}

/// A plan without its `def` line: its statements are read as if they stood in it.
fn without_function<'s>(cx: &mut Cx<'_>, module: &'s [Stmt], inside: Span) -> Shape<'s> {
    let body: Vec<&Stmt> = module.iter().filter(|s| !typing(s)).collect();
    let at = body.first().map_or(Span::at(inside.start), |s| cx.head(span(*s)));
    // Text that is no Python was reported as that.
    if cx.clean_syntax() {
        cx.report(
            Diagnostic::new(Code::PlanShape, at, format!("there is no function `{NAME}`"))
                .label("the plan starts without it")
                .help(format!(
                    "write `def {NAME}(input_images: List[str]):` and the calls below it, indented"
                )),
        );
    }
    cx.define("input_images", Value::Inputs);
    cx.define("input_video", Value::Video);
    Shape { body, end: at }
}

fn typing(s: &Stmt) -> bool {
    match s {
        Stmt::Import(i) => i.names.iter().all(|n| n.name.id == "typing"),
        Stmt::ImportFrom(i) => {
            i.module.as_ref().is_some_and(|m| matches!(m.id.as_str(), "typing" | "__future__"))
        }
        _ => false,
    }
}

/// Statements beside the function that mean nothing: typing imports and module docstrings.
pub(crate) fn harmless(s: &Stmt) -> bool {
    typing(s)
        || matches!(s, Stmt::Pass(_))
        || matches!(s, Stmt::Expr(e) if matches!(&*e.value, Expr::StringLiteral(_)))
}

fn signature(cx: &mut Cx<'_>, f: &StmtFunctionDef) {
    let name = range(f.name.range());
    if f.name.id != NAME && !f.name.id.is_empty() {
        cx.report(
            Diagnostic::new(
                Code::PlanShape,
                name,
                format!("the plan's function is called `{NAME}`"),
            )
            .label("another name")
            .help("rename it")
            .fix(Applicability::Safe, format!("name it `{NAME}`"), name, NAME),
        );
    }
    for d in &f.decorator_list {
        cx.unsupported(span(d), "a decorator", "leave it out");
    }
    if let Some(t) = &f.type_params {
        cx.unsupported(span(&**t), "type parameters", "leave them out");
    }
    if f.is_async {
        cx.unsupported(cx.head(span(f)), "an `async` function", "write a plain `def`");
    }
    let p = &f.parameters;
    if let Some(extra) = p.vararg.iter().chain(&p.kwarg).next() {
        shape(cx, span(&**extra), "a parameter that gathers arguments");
    }
    for extra in &p.kwonlyargs {
        shape(cx, span(extra), "a keyword-only parameter");
    }
    let named: Vec<_> = p.posonlyargs.iter().chain(&p.args).collect();
    for (i, one) in named.iter().enumerate() {
        if let Some(default) = &one.default {
            shape(cx, span(&**default), "a default value");
        }
        let id = one.parameter.name.id.as_str();
        let video = id == "input_video";
        cx.define(id, if video { Value::Video } else { Value::Inputs });
        if i > 0 {
            shape(cx, span(*one), "a second parameter");
        } else if !video && id != "input_images" {
            cx.report(
                Diagnostic::new(
                    Code::PlanShape,
                    range(one.parameter.name.range()),
                    format!("the plan's parameter is `input_images` or `input_video`, not `{id}`"),
                )
                .label("another name")
                .help("rename it, here and where it is used"),
            );
        }
    }
    if named.is_empty() {
        shape(cx, range(p.range()), "no parameter");
        cx.define("input_images", Value::Inputs);
    }
}

fn shape(cx: &mut Cx<'_>, at: Span, what: &str) {
    cx.report(
        Diagnostic::new(Code::PlanShape, at, format!("the plan's function has {what}"))
            .label("not the form of a plan")
            .help(format!("write `def {NAME}(input_images: List[str]):`")),
    );
}

/// Names of the statements' forms are used by [`Cx::body`]; kept here so that one place decides what a plan
/// may hold.
pub(crate) fn refused(s: &Stmt) -> Option<(String, &'static str)> {
    if harmless(s) { None } else { forms::statement(s) }
}
