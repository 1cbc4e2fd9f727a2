//! E-mail addresses, compared as people mean them: without regard to case.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::text::{BadText, is_invisible};

/// An e-mail address. It keeps the spelling it came with and compares case-folded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email {
    shown: String,
    folded: String,
}

impl Email {
    /// Parses an address of at most 254 characters: one `@`, a dotted or local domain, no spaces, controls or
    /// characters that a mail header could misread.
    pub fn parse(text: impl Into<String>) -> Result<Self, BadText> {
        let shown = text.into();
        let bad = |problem: &str| BadText::new("the e-mail address", problem);
        if shown.len() > 254 {
            return Err(bad("is longer than 254 bytes"));
        }
        let (local, domain) = shown.rsplit_once('@').ok_or_else(|| bad("has no '@'"))?;
        if local.is_empty() || domain.is_empty() || local.len() > 64 {
            return Err(bad("needs 1 to 64 bytes before the '@' and a domain after it"));
        }
        if shown.chars().any(|c| c.is_whitespace() || c.is_control() || is_invisible(c) || "<>()[],;:\\\"".contains(c))
        {
            return Err(bad("contains a space, a control or one of < > ( ) [ ] , ; : \\ \""));
        }
        if local.contains('@') || !domain.split('.').all(is_label) {
            return Err(bad("has a domain that is not made of letters, digits, '-' and '.'"));
        }
        let folded = caseless::default_case_fold_str(&shown.nfkc().collect::<String>());
        Ok(Self { shown, folded })
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The address as it is compared.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}
impl Eq for Email {}
impl PartialOrd for Email {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Email {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}
impl Hash for Email {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}
impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
impl TryFrom<String> for Email {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        Self::parse(text)
    }
}
impl From<Email> for String {
    fn from(email: Email) -> String {
        email.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_only_in_letters_case_are_one_address() {
        assert_eq!(Email::parse("Ada.R@Example.ac.uk").unwrap(), Email::parse("ada.r@EXAMPLE.AC.UK").unwrap());
        assert_ne!(Email::parse("ada@example.org").unwrap(), Email::parse("bob@example.org").unwrap());
    }

    #[test]
    fn addresses_that_could_break_a_header_are_refused() {
        for bad in ["", "a", "@b", "a@", "a b@c.d", "a@b\r\nBcc: x@y.z", "a@b@c.d", "<a@b.c>", "a@-b.c", "a@b..c"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
