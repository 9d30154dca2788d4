//! Numbers and units as people write them in questions and options.

use reasmory_types::Unit;

/// A number at the start of a text, and what follows it.
pub fn leading_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || (*i == 0 && *c == '-')))
        .map_or(text.len(), |(i, _)| i);
    let number = text[..end].trim_end_matches('.').parse().ok()?;
    Some((number, text[end..].trim()))
}

/// The unit that a text starts with, as people write it: `cm`, `meters`, `square metres`, `m²`, `°`.
pub fn unit_word(text: &str) -> Option<&'static Unit> {
    let lower = text.trim().to_ascii_lowercase();
    let mut words = lower.split_whitespace();
    let first = words.next()?;
    if matches!(first, "square" | "cubic" | "sq" | "sq.") {
        let of = unit_word(words.next()?)?;
        return Unit::named(&format!("{}{}", of.name, if first == "cubic" { 3 } else { 2 }));
    }
    let word = first.trim_end_matches(['.', ',', ';', ')']);
    Unit::named(match word {
        "meter" | "meters" | "metre" | "metres" => "m",
        "centimeter" | "centimeters" | "centimetre" | "centimetres" => "cm",
        "millimeter" | "millimeters" | "millimetre" | "millimetres" => "mm",
        "kilometer" | "kilometers" | "kilometre" | "kilometres" => "km",
        "feet" | "foot" => "ft",
        "inch" | "inches" => "in",
        "degree" | "degrees" | "°" => "deg",
        "radian" | "radians" => "rad",
        "second" | "seconds" | "sec" => "s",
        "minute" | "minutes" => "min",
        "millisecond" | "milliseconds" => "ms",
        "m^2" | "m²" | "sqm" => "m2",
        "cm^2" | "cm²" => "cm2",
        "m^3" | "m³" => "m3",
        "percent" => "%",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_write_them() {
        let name = |t| unit_word(t).map(|u| u.name);
        assert_eq!(name("square meters"), Some("m2"));
        assert_eq!(name("m²"), Some("m2"));
        assert_eq!(name("Centimetres long"), Some("cm"));
        assert_eq!(name("cubic metres"), Some("m3"));
        assert_eq!(name("square degrees"), None);
        assert_eq!(name("apples"), None);
        assert_eq!(leading_number("-2.5 m"), Some((-2.5, "m")));
        assert_eq!(leading_number("2."), Some((2.0, "")));
        assert_eq!(leading_number("two"), None);
    }
}
