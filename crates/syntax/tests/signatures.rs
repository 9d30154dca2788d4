//! The grammar's signature entry point agrees with the operation table's own reader.

use reasmory_syntax::parse_signature;
use reasmory_types::Signature;

#[test]
fn agrees_with_the_table_reader() {
    for text in [
        "() -> Region",
        "(a: Place, to: Place) -> Length",
        "(view: View, to: Direction, by: Angle?) -> View",
        "(x: Place, from: View, among: List<Direction> = [front, right, back, left]) -> Direction",
        "(xs: List<T>, where: fn(T) -> Bool) -> List<T>",
        "(xs: List<T>, key: fn(T) -> K) -> List<Group<K, T>>",
        "(xs: List<T>, else: T?) -> T",
        "(x: Place, in: View) -> Local in in",
        "(p: Point, to: View) -> Local in to",
        "(v: View, fov: Angle = 60deg, n: Int = 4, on: Bool = true, mark: List<Mark> = []) -> Image",
        "(v: View, by: Number = 2, at: Length = 1.5m, keep: Number = 25%) -> View",
    ] {
        assert_eq!(parse_signature(text), Ok(Signature::parse(text).unwrap()), "{text}");
    }
}

#[test]
fn says_what_is_wrong() {
    let codes =
        |t: &str| parse_signature(t).unwrap_err().iter().map(|d| d.code.id()).collect::<Vec<_>>();
    assert_eq!(codes("(a: Foo) -> Int"), ["E0218"]);
    assert_eq!(codes("(a: Int) Int"), ["E0101"]);
    assert_eq!(codes("(a) -> Int"), ["E0101"]);
    assert_eq!(codes("(a: Int = f(1)) -> Int"), ["E0101"]);
    assert_eq!(codes("(a: Int) -> Int junk"), ["E0101"]);
}
