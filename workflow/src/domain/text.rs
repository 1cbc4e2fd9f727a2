//! Texts that people and platforms hand in: each is a type that parses, so that a wrong one cannot travel.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Says which text is wrong and how, in words that can be shown to whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}")]
pub struct BadText {
    /// The text that was refused, as a noun phrase.
    pub what: &'static str,
    /// What is wrong with it, as the rest of the sentence.
    pub problem: String,
}

impl BadText {
    pub(crate) fn new(what: &'static str, problem: impl Into<String>) -> Self {
        Self { what, problem: problem.into() }
    }
}

/// The characters and the length that a kind of text allows.
struct Rule {
    what: &'static str,
    longest: usize,
    allows: fn(char) -> bool,
    in_words: &'static str,
}

impl Rule {
    fn check(&self, text: &str) -> Result<(), BadText> {
        if text.is_empty() {
            return Err(BadText::new(self.what, "is empty"));
        }
        if text.chars().count() > self.longest {
            return Err(BadText::new(self.what, format!("is longer than {} characters", self.longest)));
        }
        match text.chars().find(|&c| !(self.allows)(c)) {
            Some(c) => Err(BadText::new(
                self.what,
                format!("contains the character U+{:04X}; it may contain {}", u32::from(c), self.in_words),
            )),
            None => Ok(()),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn is_line(c: char) -> bool {
    !c.is_control() && !is_invisible(c)
}

fn is_prose(c: char) -> bool {
    is_line(c) || c == '\n' || c == '\t'
}

/// Tells characters that change how the text around them reads without being seen (bidirectional controls, separators
/// of lines, zero-width characters, tags, fillers: Unicode TR 36), and those that are no characters at all.
pub(crate) fn is_invisible(c: char) -> bool {
    let is_no_character = u32::from(c) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    let is_filler = matches!(c, '\u{AD}' | '\u{34F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{3164}' | '\u{FFA0}');
    let is_control = matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}');
    is_no_character || is_filler || is_control
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $what:literal, $longest:literal, $allows:path, $in_words:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses the text, or says what is wrong with it.
            pub fn parse(text: impl Into<String>) -> Result<Self, BadText> {
                let text = text.into();
                Rule { what: $what, longest: $longest, allows: $allows, in_words: $in_words }.check(&text)?;
                Ok(Self(text))
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadText;
            fn try_from(text: String) -> Result<Self, BadText> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }
    )*};
}

texts! {
    /// Names a project of the research environment (upstream: `A-Za-z0-9-_`, at most 100).
    ProjectId = "the project id", 100, is_word, "letters, digits, '-' and '_'";
    /// Names a workspace. It is a segment of object keys, so it holds nothing that a path could misread.
    WorkspaceId = "the workspace id", 100, is_word, "letters, digits, '-' and '_'";
    /// Names the upstream platform's egress store.
    StoreId = "the egress store id", 100, is_word, "letters, digits, '-' and '_'";
    /// Names a group of people. ASCII only: look-alike letters cannot make a second group of the same look.
    Group = "the group name", 128, is_word, "letters, digits, '-' and '_'";
    /// Names a stage of a policy.
    StageId = "the stage id", 64, is_word, "letters, digits, '-' and '_'";
    /// Names a policy.
    PolicyName = "the policy name", 64, is_word, "letters, digits, '-' and '_'";
    /// Names a bucket, as a notice does.
    BucketName = "the bucket name", 255, is_bucket, "letters, digits, '-', '_' and '.'";
    /// What a request is called in lists and mails.
    Title = "the title", 200, is_line, "any visible characters on one line";
    /// A person's name, as shown.
    PersonName = "the name", 200, is_line, "any visible characters on one line";
    /// Why somebody wants, decides or does something.
    Reason = "the reason", 4000, is_prose, "any visible characters and line breaks";
}

fn is_bucket(c: char) -> bool {
    is_word(c) || c == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_id_is_100_word_characters_at_most() {
        assert!(ProjectId::parse("a".repeat(100)).is_ok());
        assert_eq!(
            ProjectId::parse("a".repeat(101)).unwrap_err().to_string(),
            "the project id is longer than 100 characters"
        );
        assert!(ProjectId::parse("a/b").is_err());
        assert_eq!(ProjectId::parse("").unwrap_err().to_string(), "the project id is empty");
    }

    #[test]
    fn a_title_holds_no_line_break_and_no_direction_override() {
        assert!(Title::parse("Tables for paper 2 — naïve model").is_ok());
        assert!(Title::parse("a\r\nBcc: x@example.org").is_err());
        assert!(Title::parse("a\u{202E}gpj.exe").is_err());
        assert!(Reason::parse("line one\nline two").is_ok());
    }
}
