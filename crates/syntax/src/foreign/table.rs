//! The forms that have one spelling and one meaning, as data.

/// A sign or word with one meaning here: found, replacement (`None`: nothing stands for it), help.
pub(crate) type Row = (&'static str, Option<&'static str>, &'static str);

/// Operators of other languages.
pub(super) const SIGNS: &[Row] = &[
    ("&&", Some("and"), "write `and`"),
    ("||", Some("or"), "write `or`"),
    ("&", Some("and"), "write `and`"),
    ("|", Some("or"), "write `or`"),
    ("===", Some("=="), "write `==`"),
    ("!==", Some("!="), "write `!=`"),
    ("<>", Some("!="), "write `!=`"),
    ("...", Some(".."), "write `..`; both ends are included"),
    ("..=", Some(".."), "write `..`; both ends are included"),
    (":=", Some("="), "write `=`"),
    ("??", None, "give `else=` to the operation that may have no value"),
];

/// Words between two values: found, replacement operation or operator, whether its sense is turned.
pub(super) const BETWEEN: &[(&[&str], &str, bool)] = &[
    (&["is", "not"], "!=", false),
    (&["is"], "==", false),
    (&["not", "in"], "contains", true),
    (&["in"], "contains", false),
];

/// Words for values.
pub(crate) const VALUES: &[Row] = &[
    ("True", Some("true"), "write `true`"),
    ("False", Some("false"), "write `false`"),
    ("TRUE", Some("true"), "write `true`"),
    ("FALSE", Some("false"), "write `false`"),
    ("None", None, "every value exists; give `else=` to an operation that may find none"),
    ("null", None, "every value exists; give `else=` to an operation that may find none"),
    ("nil", None, "every value exists; give `else=` to an operation that may find none"),
    ("undefined", None, "every value exists; give `else=` to an operation that may find none"),
];

/// Words before `name = value`.
pub(super) const DECLARE: &[&str] = &["let", "var", "const", "val", "auto", "mut", "final", "set"];

/// Words that start a function.
pub(crate) const FUNCTION: &[&str] = &["def", "func", "function", "fun"];

/// Words that mean `else if`.
pub(crate) const ELSE_IF: &[&str] = &["elif", "elsif", "elseif"];

/// Statements without a counterpart: word, why, what to do.
pub(crate) const STATEMENTS: &[(&str, &str, &str)] = &[
    (
        "while",
        "there is no `while`; every program ends",
        "go over a list with `for` or a list operation",
    ),
    ("import", "there is nothing to import", "leave it out; every operation is in reach"),
    ("from", "there is nothing to import", "leave it out; every operation is in reach"),
    ("class", "there are no classes", "use a `fn`"),
    ("try", "there are no exceptions", "give `else=` to the operation that may have no value"),
    ("except", "there are no exceptions", "give `else=` to the operation that may have no value"),
    ("with", "there is no `with`", "bind the value with `name = value`"),
    ("pass", "there is no `pass`", "leave it out"),
    ("break", "there is no `break`", "filter the list before the loop"),
    ("continue", "there is no `continue`", "filter the list before the loop"),
    ("switch", "there is no `switch`", "use `if … { } else if … { } else { }`"),
    ("match", "there is no `match`", "use `if … { } else if … { } else { }`"),
    ("global", "every name of the program is in reach", "leave it out"),
    ("raise", "there are no exceptions", "end the run with `assert condition, \"why\"`"),
    ("throw", "there are no exceptions", "end the run with `assert condition, \"why\"`"),
    ("yield", "there is no `yield`", "answer a list: `[f(x) for x in xs]`"),
    ("del", "names stay bound", "leave it out"),
    ("async", "there is no `async`", "leave it out"),
];

/// Methods that change a list elsewhere.
pub(crate) const MUTATORS: &[&str] =
    &["append", "push", "extend", "insert", "remove", "pop", "add"];

/// Names that a pass reads itself.
pub(super) const OF_A_PASS: &[&str] = &["lambda", "print", "range"];
