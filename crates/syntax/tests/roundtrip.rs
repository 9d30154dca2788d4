//! The canonical text of any tree parses to that tree.

use proptest::prelude::*;
use reasmory_span::Span;
use reasmory_syntax::ast::*;
use reasmory_syntax::{parse, print_ast_without_spans, unparse};
use reasmory_types::{Dim, Ty, UNITS};

const AT: Span = Span { start: 0, end: 0 };

fn e(kind: ExprKind) -> Expr {
    Expr { kind, span: AT }
}

fn ident() -> impl Strategy<Value = Ident> {
    prop::sample::select(vec!["a", "m", "s", "left", "in2", "test", "deg", "x_1"])
        .prop_map(|n| Ident { name: n.into(), span: AT })
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        (0..i64::MAX).prop_map(|v| e(ExprKind::Int(v))),
        (0.0..1e18f64).prop_map(|v| e(ExprKind::Number(v))),
        (0.0..1e3f64, 0..UNITS.len())
            .prop_map(|(written, u)| e(ExprKind::Measure { written, unit: &UNITS[u] })),
        any::<String>().prop_map(|s| e(ExprKind::Text(s))),
        any::<bool>().prop_map(|b| e(ExprKind::Bool(b))),
        ident().prop_map(|i| e(ExprKind::Name(i.name))),
    ]
}

fn op() -> impl Strategy<Value = BinaryOp> {
    use BinaryOp::*;
    prop::sample::select(vec![Add, Sub, Mul, Div, Eq, Ne, Lt, Le, Gt, Ge, And, Or])
}

fn expr() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 40, 4, |inner| {
        let b = || inner.clone().prop_map(Box::new);
        let arg = || {
            (
                prop::option::of(ident()),
                prop_oneof![
                    4 => inner.clone(),
                    1 => (ident(), b()).prop_map(|(param, body)| e(ExprKind::Lambda { param, body })),
                ],
            )
                .prop_map(|(name, value)| Arg { name, value, span: AT })
        };
        let args = || prop::collection::vec(arg(), 0..3);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|v| e(ExprKind::List(v))),
            (b(), b()).prop_map(|(a, c)| e(ExprKind::Range(a, c))),
            (ident(), args()).prop_map(|(callee, args)| e(ExprKind::Call { callee, args })),
            (b(), ident(), prop::option::of(args()))
                .prop_map(|(receiver, name, args)| e(ExprKind::Method { receiver, name, args })),
            (b(), b()).prop_map(|(a, c)| e(ExprKind::Index(a, c))),
            b().prop_map(|a| e(ExprKind::Unary(UnaryOp::Neg, a))),
            b().prop_map(|a| e(ExprKind::Unary(UnaryOp::Not, a))),
            (op(), b(), b())
                .prop_map(|(op, left, right)| e(ExprKind::Binary { op, op_span: AT, left, right })),
            (b(), b(), prop::option::of(b()))
                .prop_map(|(cond, then, otherwise)| e(ExprKind::If { cond, then, otherwise })),
            (b(), ident(), b(), prop::option::of(b())).prop_map(|(element, name, list, cond)| {
                e(ExprKind::Comprehension { element, name, list, cond })
            }),
            (b(), 0..UNITS.len())
                .prop_map(|(value, u)| e(ExprKind::As { value, unit: &UNITS[u], unit_span: AT })),
        ]
    })
}

fn block(stmts: Vec<Stmt>) -> Block {
    Block { stmts, span: Span { start: 1, end: 2 } }
}

fn stmt() -> impl Strategy<Value = Stmt> {
    let simple = prop_oneof![
        (ident(), expr()).prop_map(|(name, value)| StmtKind::Bind { name, value }),
        expr().prop_map(StmtKind::Answer),
        expr().prop_map(StmtKind::Show),
        (expr(), prop::option::of(expr())).prop_map(|(cond, why)| StmtKind::Assert { cond, why }),
        expr().prop_map(StmtKind::Expr),
    ]
    .prop_map(|kind| Stmt { kind, span: AT });
    simple.prop_recursive(3, 12, 3, |inner| {
        let body = || prop::collection::vec(inner.clone(), 0..3).prop_map(block);
        prop_oneof![
            (expr(), body(), prop::option::of(body()))
                .prop_map(|(cond, then, otherwise)| StmtKind::If { cond, then, otherwise }),
            (ident(), expr(), body()).prop_map(|(name, list, body)| StmtKind::For {
                name,
                list,
                body
            }),
        ]
        .prop_map(|kind| Stmt { kind, span: AT })
    })
}

fn ty() -> impl Strategy<Value = TypeExpr> {
    let leaf = prop::sample::select(vec![
        Ty::Bool,
        Ty::Object,
        Ty::LENGTH,
        Ty::Quantity(Dim::SPEED),
        Ty::Var('T'),
    ]);
    leaf.prop_recursive(2, 6, 2, |t| {
        prop_oneof![
            t.clone().prop_map(Ty::list),
            (t.clone(), t.clone()).prop_map(|(a, b)| Ty::Group(Box::new(a), Box::new(b))),
            (prop::collection::vec(t.clone(), 0..3), t).prop_map(|(ps, r)| Ty::Fn(ps, Box::new(r))),
        ]
    })
    .prop_map(|ty| TypeExpr { ty, unknown: None, span: AT })
}

fn item() -> impl Strategy<Value = Item> {
    let param = (ident(), ty(), any::<bool>(), prop::option::of(expr()))
        .prop_map(|(name, ty, optional, default)| ParamDecl { name, ty, optional, default });
    let body = || prop::collection::vec(stmt(), 0..3).prop_map(block);
    prop_oneof![
        4 => stmt().prop_map(Item::Stmt),
        1 => ("[a-z ]{0,8}", body())
            .prop_map(|(name, body)| Item::Test(TestDecl { name, body, span: AT })),
        1 => (ident(), prop::collection::vec(param, 0..3), ty(), prop::option::of(ident()), body(), "([a-z]{1,5}\n){0,2}[a-z]{1,5}")
            .prop_map(|(name, params, result, result_in, body, doc)| {
                Item::Fn(FnDecl { name, params, result, result_in, body, doc, span: AT })
            }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_text_is_the_tree(items in prop::collection::vec(item(), 0..4)) {
        let program = Program { items };
        let text = unparse(&program);
        let parsed = parse(&text);
        prop_assert!(parsed.diagnostics.is_empty(), "{text}\n{:#?}", parsed.diagnostics);
        prop_assert_eq!(
            print_ast_without_spans(&program),
            print_ast_without_spans(&parsed.program),
            "{}", text
        );
        prop_assert_eq!(&unparse(&parsed.program), &text);
    }

    #[test]
    fn any_text_is_parsed(text in any::<String>()) {
        reasmory_syntax::fuzz_parse(text.as_bytes());
    }
}

/// Found by the test above: a block that starts with the program.
#[test]
fn a_colon_is_the_first_character() {
    for text in [":A?%:A", ":", ":\n", ": a", "if:", ":x = 1"] {
        reasmory_syntax::fuzz_parse(text.as_bytes());
    }
}
