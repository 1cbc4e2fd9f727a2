//! What a mail server answers when it does not take a mail, and whether trying again can help.

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp::Error;
use workflow::ports::Kind;

/// The longest answer of a server that is kept.
const LONGEST_ANSWER: usize = 300;

/// How far a conversation had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Up to the server's first greeting.
    Connection,
    /// The turn to TLS.
    Starttls,
    /// Signing in.
    SignIn,
    /// Who sends.
    From,
    /// To whom.
    To,
    /// The mail itself.
    Content,
}

impl Stage {
    fn in_words(self) -> &'static str {
        match self {
            Self::Connection => "as it was connected to",
            Self::Starttls => "to STARTTLS",
            Self::SignIn => "to the sign-in",
            Self::From => "to the sender's address",
            Self::To => "to the address",
            Self::Content => "to the mail",
        }
    }
}

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The server said no.
    #[error("the mail server answered {code} {}: {words}", .stage.in_words())]
    Answer {
        /// To what.
        stage: Stage,
        /// The three digits.
        code: u16,
        /// Its words, in one line.
        words: String,
    },
    /// The connection did not come about, or broke.
    #[error("the mail server was not there {}: {words}", .stage.in_words())]
    Broken {
        /// At what.
        stage: Stage,
        /// What the system says of it.
        words: String,
    },
    /// There was no answer in time.
    #[error("the mail server did not answer within {} seconds", .0.as_secs_f32())]
    Silent(Duration),
    /// The mail can never be sent this way.
    #[error("{0}")]
    Unsendable(String),
}

impl Failure {
    pub(super) fn of(stage: Stage, error: &Error) -> Self {
        match error.status() {
            Some(code) => {
                let words = error.source().map_or_else(String::new, ToString::to_string);
                Self::Answer { stage, code: code.into(), words: one_line(&words) }
            }
            None => Self::Broken { stage, words: one_line(&error.to_string()) },
        }
    }

    /// Whether trying again can help. A refusal for good counts as one only where it is about this mail.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Answer { stage: Stage::To | Stage::Content, code: 500.., .. } | Self::Unsendable(_) => Kind::Denied,
            Self::Answer { .. } | Self::Broken { .. } | Self::Silent(_) => Kind::Transient,
        }
    }

    /// Tells whether the server is still there, ready for another mail. 421 says that it is about to go.
    pub(super) fn leaves_the_connection(&self) -> bool {
        match self {
            Self::Answer { code, .. } => *code != 421,
            Self::Unsendable(_) => true,
            Self::Broken { .. } | Self::Silent(_) => false,
        }
    }
}

/// What somebody else's server said, as one line of bounded length.
pub(super) fn one_line(words: &str) -> String {
    let line: Vec<&str> =
        words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = line.join(" ");
    match line.char_indices().nth(LONGEST_ANSWER) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(stage: Stage, code: u16) -> Failure {
        Failure::Answer { stage, code, words: "no".into() }
    }

    #[test]
    fn only_a_refusal_of_this_mail_is_for_good() {
        for stage in [Stage::To, Stage::Content] {
            assert_eq!(answer(stage, 550).kind(), Kind::Denied);
            assert_eq!(answer(stage, 451).kind(), Kind::Transient);
        }
        for stage in [Stage::Connection, Stage::Starttls, Stage::SignIn, Stage::From] {
            assert_eq!(answer(stage, 554).kind(), Kind::Transient);
        }
        assert_eq!(Failure::Silent(Duration::from_secs(1)).kind(), Kind::Transient);
        assert_eq!(Failure::Unsendable("no".into()).kind(), Kind::Denied);
    }

    #[test]
    fn a_servers_words_are_one_short_line() {
        assert_eq!(one_line(" 5.1.1\r\n no\tsuch \u{1b}[2J mailbox\n"), "5.1.1 no such [2J mailbox");
        assert_eq!(one_line(&"x".repeat(999)).chars().count(), LONGEST_ANSWER + 1);
    }
}
