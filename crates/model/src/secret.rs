//! Keys.

use std::fmt;

/// A key. It prints as `***`, and blanks itself in whatever is said about a call that used it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A key; `None` where the text is blank or cannot stand in a header.
    pub fn new(text: &str) -> Option<Secret> {
        let text = text.trim();
        let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Secret(text.to_owned()))
    }

    /// The key itself, for the header alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// A text with the key blanked wherever it stands.
    pub fn blank(&self, text: &str) -> String {
        text.replace(&self.0, "***")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let key = Secret::new(" sk-123\n").unwrap();
        assert_eq!(format!("{key:?}"), "***");
        assert_eq!(key.blank("bad key sk-123."), "bad key ***.");
        assert_eq!(key.expose(), "sk-123");
        assert!(Secret::new("a b").is_none() && Secret::new("  ").is_none());
        assert!(Secret::new("a\r\nx: y").is_none());
    }
}
