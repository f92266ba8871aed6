//! A text that never shows: passwords, tokens, private keys.

use std::fmt;

/// A secret text. Neither `Debug` nor a log shows it, and it has no `Display`; who needs the text says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text itself, for an answer that carries it to its owner.
    pub fn into_revealed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    /// For command-line arguments and settings.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let shown = format!("{:?} {:#?}", Some(Secret::new("hunter42")), Secret::new("hunter42"));
        assert!(!shown.contains("hunter42"), "{shown}");
    }
}
