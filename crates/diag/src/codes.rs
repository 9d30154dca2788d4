//! The registry of diagnostic codes. Append only: a code is never reused or renumbered; a retired one
//! keeps its page.

use std::fmt;

use crate::Severity;

/// The stage that finds a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Characters and tokens.
    Lexical,
    /// Grammar.
    Syntax,
    /// Names and arguments.
    Names,
    /// Types.
    Types,
    /// Units, scale and frames of reference.
    Units,
    /// What the memory holds.
    Scene,
    /// Effects and limits.
    Limits,
    /// The question asked.
    Question,
    /// Style and likely mistakes.
    Lint,
    /// Found while running.
    Run,
}

impl Level {
    /// Lower-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Lexical => "lexical",
            Level::Syntax => "syntax",
            Level::Names => "names",
            Level::Types => "types",
            Level::Units => "units",
            Level::Scene => "scene",
            Level::Limits => "limits",
            Level::Question => "question",
            Level::Lint => "lint",
            Level::Run => "run",
        }
    }
}

/// What the registry knows about a code.
#[derive(Debug)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// `E0201`.
    pub id: &'static str,
    /// `unknown-operation`.
    pub name: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The stage that finds it.
    pub level: Level,
    /// One line.
    pub summary: &'static str,
    /// The page `reasmory explain` prints (`spec/diagnostics/<name>.md`).
    pub page: &'static str,
}

macro_rules! codes {
    ($($variant:ident $id:literal $name:literal $severity:ident $level:ident $summary:literal;)*) => {
        /// A diagnostic code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $summary] $variant),* }

        /// Every code, in order.
        pub static CODES: &[CodeInfo] = &[$(CodeInfo {
            code: Code::$variant,
            id: $id,
            name: $name,
            severity: Severity::$severity,
            level: Level::$level,
            summary: $summary,
            page: include_str!(concat!("../../../spec/diagnostics/", $name, ".md")),
        }),*];
    };
}

codes! {
    InvalidCharacter "E0001" "invalid-character" Error Lexical "a character that no token starts with";
    UnterminatedText "E0002" "unterminated-text" Error Lexical "a text literal without its closing quote";
    InvalidNumber "E0003" "invalid-number" Error Lexical "a number that is malformed or out of range";
    UnknownUnit "E0004" "unknown-unit" Error Lexical "a number glued to something that is not a unit";
    ProgramTooLarge "E0005" "program-too-large" Error Lexical "a program over the size limit";
    NestingTooDeep "E0006" "nesting-too-deep" Error Lexical "brackets nested over the limit";
    UnexpectedToken "E0101" "unexpected-token" Error Syntax "a token that cannot stand here";
    UnexpectedEnd "E0102" "unexpected-end" Error Syntax "the program or a bracket ends too early";
    ForeignSyntax "E0103" "foreign-syntax" Error Syntax "a form of another language";
    ExpressionStatement "E0104" "expression-statement" Error Syntax "an expression whose value goes nowhere";
    MisplacedLambda "E0105" "misplaced-lambda" Error Syntax "a lambda that is not an argument";
    MissingElse "E0106" "missing-else" Error Syntax "an if expression without else";
    NonAssociative "E0107" "non-associative" Error Syntax "chained comparisons or ranges";
    MisplacedReturn "E0108" "misplaced-return" Error Syntax "return outside a function, or a statement a function cannot hold";
    UnknownOperation "E0201" "unknown-operation" Error Names "a call of something that is not an operation";
    UnknownName "E0202" "unknown-name" Error Names "a name that is bound nowhere";
    DuplicateBinding "E0203" "duplicate-binding" Error Names "a name bound twice";
    UnknownArgument "E0204" "unknown-argument" Error Names "a named argument the operation does not take";
    MissingArgument "E0205" "missing-argument" Error Names "a required argument left out";
    DuplicateArgument "E0206" "duplicate-argument" Error Names "an argument given twice";
    PositionalArgument "E0207" "positional-argument" Error Names "a positional argument where a named one is needed";
    ArgumentGroup "E0208" "argument-group" Error Names "arguments that exclude or need each other";
    ReservedName "E0209" "reserved-name" Error Names "binding a direction word or an operation name";
    PlannedOperation "E0210" "planned-operation" Error Names "an operation of the language that this version does not have yet";
    UnknownField "E0211" "unknown-field" Error Names "a field the type does not have";
    Accumulation "E0212" "accumulation" Error Names "changing a bound name in a loop";
    AnswerInLoop "E0213" "answer-in-loop" Error Names "answer inside for";
    AnswerCount "E0214" "answer-count" Error Names "no answer, or several, on some path";
    Recursion "E0215" "recursion" Error Names "a function that reaches itself";
    UnknownType "E0218" "unknown-type" Error Names "a type name that does not exist";
    TypeMismatch "E0301" "type-mismatch" Error Types "a value of the wrong type";
    MixedList "E0302" "mixed-list" Error Types "list members of different types";
    NotComparable "E0303" "not-comparable" Error Types "values that cannot be compared or ordered";
    NotASymbol "E0304" "not-a-symbol" Error Types "a text that is none of the symbols asked for";
    BranchMismatch "E0305" "branch-mismatch" Error Types "branches of different types";
    DimensionMismatch "E0401" "dimension-mismatch" Error Units "dimensions that do not fit";
    MissingUnit "E0402" "missing-unit" Error Units "a bare number where a measured quantity is meant";
    FrameMismatch "E0403" "frame-mismatch" Error Units "coordinates of two views mixed";
    MetricRequired "E0404" "metric-required" Error Units "metres asked of a memory of unknown scale";
    MeasuredEquality "E0405" "measured-equality" Error Units "== between measured quantities";
    UnitMismatch "E0406" "unit-mismatch" Error Units "a unit of another dimension after as";
    UnknownCategory "E0501" "unknown-category" Error Scene "a category the memory does not have";
    SeveralInstances "E0503" "several-instances" Error Scene "several instances where one is meant";
    PhotoOutOfRange "E0504" "photo-out-of-range" Error Scene "a photo number the memory does not have";
    SamePlace "E0505" "same-place" Error Scene "looking at the place one stands at";
    MissingData "E0506" "missing-data" Error Scene "the memory lacks what the operation reads";
    TimeOutOfRange "E0507" "time-out-of-range" Error Scene "a time outside the recording";
    InsideSolid "W0508" "inside-solid" Warning Scene "a rendered view whose eye is inside an object";
    OutsideScene "W0509" "outside-scene" Warning Scene "a motion that leaves the scene";
    NothingInView "W0510" "nothing-in-view" Warning Scene "a rendered view in which nothing of the memory is";
    VerticalView "W0511" "vertical-view" Warning Scene "looking at what is right below or above the eye";
    WithinNoise "W0512" "within-noise" Warning Scene "a comparison closer than the memory's noise";
    RenderLimit "E0601" "render-limit" Error Limits "more renders than a run may make";
    ModelUnavailable "E0602" "model-unavailable" Error Limits "a model call without a model";
    ProgramLimit "E0603" "program-limit" Error Limits "a program too large to compile within the limits";
    StepLimit "E0604" "step-limit" Error Limits "more steps than a run may take";
    ValueLimit "E0605" "value-limit" Error Limits "more values than a run may make";
    OptionMismatch "E0701" "option-mismatch" Error Question "an answer that fits no option";
    AnswerKind "E0702" "answer-kind" Error Question "an answer of another kind than the question asks for";
    AnswerUnit "E0703" "answer-unit" Error Question "an answer printed in another unit than the question asks for";
    EvidenceOnly "E0704" "evidence-only" Error Question "pictures where the question wants an answer";
    NoOptions "E0705" "no-options" Error Question "options() without a question that has options";
    AnswerOutsideOptions "W0706" "answer-outside-options" Warning Question "an answer that can have values outside the options";
    UnreachableOption "W0707" "unreachable-option" Warning Question "an option that the program can never answer";
    OptionsAlike "W0708" "options-alike" Warning Question "options that no answer tells apart";
    DirectionSectors "E0709" "direction-sectors" Error Question "a direction decided among others than the question's";
    StandNotRealised "E0710" "stand-not-realised" Error Question "a stand that the question asks for and the program does not take";
    FacingNotRealised "E0711" "facing-not-realised" Error Question "a facing that the question asks for and the program does not take";
    MissingMotion "E0712" "missing-motion" Error Question "a move that the question asks for and the program does not make";
    ExtraMotion "E0713" "extra-motion" Error Question "a move that the question does not ask for";
    MotionOrder "E0714" "motion-order" Error Question "moves in another order than the question's";
    MotionAmount "E0715" "motion-amount" Error Question "a move by another amount than the question's";
    EntityUnused "E0716" "entity-unused" Error Question "a thing that the question asks about and the program never uses";
    RelationNotAsked "E0717" "relation-not-asked" Error Question "a program that cannot tell what the question asks";
    UnusedBinding "W0801" "unused-binding" Warning Lint "a name that nothing reads";
    UnusedAllow "W0802" "unused-allow" Warning Lint "an allow comment that allows nothing";
    UnknownLint "W0803" "unknown-lint" Warning Lint "an allow comment that names no lint";
    IdleMotion "W0804" "idle-motion" Warning Lint "a motion of a view that nothing observes";
    ViewOfPhoto "W0805" "view-of-photo" Warning Lint "a rendered view that an input photo shows already";
    DuplicateEvidence "W0806" "duplicate-evidence" Warning Lint "one picture shown twice";
    UnrelatedEvidence "W0807" "unrelated-evidence" Warning Lint "a picture with nothing that the answer is about";
    MarkOutOfView "W0808" "mark-out-of-view" Warning Lint "a mark that surely is not in the view";
    ConstantAnswer "W0809" "constant-answer" Warning Lint "an answer that does not depend on the memory";
    ConstantCondition "W0810" "constant-condition" Warning Lint "a condition that is always true or always false";
    Unreachable "W0811" "unreachable" Warning Lint "code that no run reaches";
    SameBranches "W0812" "same-branches" Warning Lint "branches that give the same value";
    SelfComparison "W0813" "self-comparison" Warning Lint "a thing compared with or measured to itself";
    SelectsItself "W0814" "selects-itself" Warning Lint "choosing the nearest to a thing from a list that holds it";
    NonsenseMagnitude "W0815" "nonsense-magnitude" Warning Lint "an amount that nothing in a room has";
    EarliestOfBest "W0816" "earliest-of-best" Warning Lint "the photo that first shows the most certain instance";
    ModelForGeometry "W0817" "model-for-geometry" Warning Lint "asking a model for what geometry knows";
    ModelCall "W0818" "model-call" Warning Lint "a value that can differ from run to run; off by default";
    AssertionFailed "E0901" "assertion-failed" Error Run "an assert that did not hold";
    IndexOutOfRange "E0902" "index-out-of-range" Error Run "an index outside the list";
    NotANumber "E0903" "not-a-number" Error Run "a result that is no finite number";
    IntegerOverflow "E0904" "integer-overflow" Error Run "an Int that does not fit 64 bits";
    OutOfFuel "E0905" "out-of-fuel" Error Run "a run that reached its step limit";
    RunLimit "E0906" "run-limit" Error Run "a run that reached a limit on renders, memory, depth or time";
    NoValue "E0907" "no-value" Error Run "an operation that has no value here";
    Ambiguous "E0908" "ambiguous-instance" Error Run "several instances met at run time where one is meant";
    CorruptMemory "E0909" "corrupt-memory" Error Run "a tensor that contradicts the manifest";
    ModelFailed "E0910" "model-failed" Error Run "a model that gave no usable answer";
    UnsupportedPython "E1001" "unsupported-python" Error Syntax "a form of Python that a plan cannot use";
    PlanShape "E1002" "plan-shape" Error Syntax "a plan that is not one function in the expected form";
    StaleCoordinates "E1003" "stale-coordinates" Error Units "coordinates used after the viewpoint moved";
    NoDirection "E1004" "no-direction" Error Units "a direction that is zero, vertical or not upright";
    NoViewpoint "E1005" "no-viewpoint" Error Names "a view asked for before a viewpoint is set";
    UnobservedMotion "E1006" "unobserved-motion" Error Limits "a move of the viewpoint that nothing looks from";
    NothingObserved "E1007" "nothing-observed" Error Names "a plan that returns nothing to look at";
    TurnAngle "E1008" "turn-angle" Error Units "a turn by an angle that is no turn";
    SecondMemory "E1009" "second-memory" Error Names "a plan that builds two memories";
    EmptyQuery "E1010" "empty-query" Error Names "a query that asks for nothing";
    IgnoredArgument "W1011" "ignored-argument" Warning Lint "an argument that changes nothing";
    UnusedResult "W1012" "unused-result" Warning Lint "a tool's result that goes nowhere";
    OperationPanicked "E9901" "internal-error" Error Run "a bug of Reasmory's";
}

impl Code {
    /// Its row in the registry.
    pub fn info(self) -> &'static CodeInfo {
        &CODES[self as usize]
    }

    /// `E0201`.
    pub fn id(self) -> &'static str {
        self.info().id
    }

    /// `unknown-operation`.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The code with this id or name, ignoring case.
    pub fn find(text: &str) -> Option<Code> {
        CODES
            .iter()
            .find(|c| c.id.eq_ignore_ascii_case(text) || c.name.eq_ignore_ascii_case(text))
            .map(|c| c.code)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_unique_and_ordered() {
        for (i, c) in CODES.iter().enumerate() {
            assert_eq!(c.code as usize, i);
            assert_eq!(c.id.starts_with('W'), c.severity == Severity::Warning, "{}", c.id);
            assert_eq!(Code::find(c.name), Some(c.code));
            assert_eq!(Code::find(&c.id.to_lowercase()), Some(c.code));
        }
        let mut ids: Vec<_> = CODES.iter().map(|c| &c.id[1..]).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CODES.len());
    }
}
