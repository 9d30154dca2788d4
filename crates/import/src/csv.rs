//! Comma-separated values (RFC 4180), whole files with a header row.

/// Where and what is wrong.
type Fault = (String, String);

/// A table; every row has as many fields as the header, or fewer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    header: Vec<String>,
    /// Line on which each row starts, and its fields.
    pub(crate) rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }
}

/// Parses a table. Quoted fields may hold commas, line breaks and doubled quotes; a byte-order mark and
/// empty lines are skipped. Rows may leave out fields at the end, but have no more than the header.
pub(crate) fn parse(text: &str) -> Result<Table, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let (mut line, mut start) = (1, 1);
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    loop {
        let c = chars.next();
        match c {
            None if quoted => {
                return Err((format!("line {start}"), "has a quote that is never closed".into()));
            }
            Some('"') if quoted => match chars.peek() {
                Some('"') => {
                    chars.next();
                    field.push('"');
                }
                None | Some(',' | '\r' | '\n') => quoted = false,
                Some(_) => {
                    return Err((format!("line {line}"), "has text after a closing quote".into()));
                }
            },
            Some(c) if quoted => {
                line += usize::from(c == '\n');
                field.push(c);
            }
            Some('"') if field.is_empty() => quoted = true,
            Some('"') => {
                return Err((format!("line {line}"), "has a quote inside a bare field".into()));
            }
            Some('\r') if chars.peek() == Some(&'\n') => {}
            Some(',') => row.push(std::mem::take(&mut field)),
            None | Some('\n') => {
                if !(row.is_empty() && field.is_empty()) {
                    row.push(std::mem::take(&mut field));
                    rows.push((start, std::mem::take(&mut row)));
                }
                line += 1;
                start = line;
                if c.is_none() {
                    break;
                }
            }
            Some(c) => field.push(c),
        }
    }
    if rows.is_empty() {
        return Err((String::new(), "has no header row".into()));
    }
    let header: Vec<String> = rows.remove(0).1.iter().map(|h| h.trim().to_owned()).collect();
    for (line, row) in &rows {
        if row.len() > header.len() {
            let what = format!("has {} fields, the header {}", row.len(), header.len());
            return Err((format!("line {line}"), what));
        }
    }
    Ok(Table { header, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_breaks_and_short_rows() {
        let t = parse("\u{feff}a,b,c\r\n1,\"x, \"\"y\"\"\nz\",3\r\n\r\n4,5").unwrap();
        assert_eq!(t.column("c"), Some(2));
        assert_eq!(t.column("d"), None);
        assert_eq!(t.rows[0], (2, vec!["1".into(), "x, \"y\"\nz".into(), "3".into()]));
        assert_eq!(t.rows[1], (5, vec!["4".into(), "5".into()]));
    }

    #[test]
    fn damage_is_placed() {
        for (text, place) in [
            ("", ""),
            ("a,b\n1,2,3", "line 2"),
            ("a\n\"x", "line 2"),
            ("a\n\"x\"y", "line 2"),
            ("a\nx\"y", "line 2"),
        ] {
            assert_eq!(parse(text).unwrap_err().0, place, "{text:?}");
        }
    }
}
