//! What is wrong with a definition, and where.

use std::fmt;

/// One thing that keeps a definition from being loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// JSON pointer of the offending field; empty for the document itself.
    pub pointer: String,
    /// One sentence that says what is wrong.
    pub message: String,
    /// Whether the language forbids it, or only this machine does not have it.
    pub kind: FlawKind,
}

/// Why a field is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// The States Language does not allow it: a wrong type, a missing field, a value out of range.
    Schema,
    /// A transition leads nowhere, or a state cannot be reached.
    Transition,
    /// The States Language has it, this machine does not.
    Unsupported,
}

impl Flaw {
    pub(crate) fn new(kind: FlawKind, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), kind }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{} at {place}", self.message)
    }
}

/// All that keeps a definition from being loaded, in reading order; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Flaws(pub(crate) Vec<Flaw>);

impl Flaws {
    /// Walks over the flaws.
    pub fn iter(&self) -> std::slice::Iter<'_, Flaw> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Flaws {
    type Item = &'a Flaw;
    type IntoIter = std::slice::Iter<'a, Flaw>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Flaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, flaw) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{flaw}")?;
        }
        Ok(())
    }
}
