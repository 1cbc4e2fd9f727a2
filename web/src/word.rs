//! The closed lists of the schema, and what people call their members.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $list:ident { $($word:ident $label:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub(crate) enum $list { $($word,)* }

        #[allow(dead_code, reason = "not every list is read from an address and shown")]
        impl $list {
            /// All of them, in the order in which they are shown.
            pub(crate) const ALL: &[Self] = &[$(Self::$word,)*];

            /// What people call it.
            pub(crate) fn label(self) -> &'static str {
                match self { $(Self::$word => $label,)* }
            }

            /// The word as the schema and addresses spell it.
            pub(crate) fn word(&self) -> String {
                serde_json::to_value(self).ok().and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
            }

            /// The member of that word, if there is one.
            pub(crate) fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|member| member.word() == word)
            }
        }
    )*};
}

words! {
    /// What a file holds.
    Content {
        Empty "nothing", Text "text", Png "PNG picture", Jpeg "JPEG picture", Gif "GIF picture", Webp "WebP picture",
        Pdf "PDF", Zip "zip or office file", Compressed "compressed", Program "program", Other "other bytes",
    }
    /// What has moved since somebody looked.
    Moved { Closed "the stage was closed", Manifest "the files changed", Round "the next round began", Stage "another stage began", }
    /// What happens to a second request of a store that has an open one.
    OpenRequests { Queue "waits until the first is over", Refuse "is not taken", }
    /// What a reviewer can say.
    Opinion { Approve "Approve", Return "Return for changes", Reject "Reject", }
    /// What became of something that was taken once more.
    ReplayOutcome {
        Begun "a request began", Known "it had been taken before", NextRound "a returned request has its next round",
        Quarantined "it still cannot be taken and is kept", Queued "a request waits behind another of its store",
    }
    /// The lists that are kept.
    RequestPattern {
        WaitingForMe "Waiting for me", Mine "My requests", Open "All open", All "Open and closed",
        DueBy "By next date", InStatus "Of one status", OfProject "Of one project", OfRequester "Of one requester",
        OfStore "Of one store", WaitingFor "Waiting for a group",
    }
    /// What the deadline of a stage means.
    Silence { Expire "the request expires", Wait "the request goes on waiting", }
    /// Where a request stands.
    StatusWord {
        Received "Received", Queued "Queued", Admitted "Admitted", Staging "Freezing files", InReview "In review",
        Returned "Returned", Releasing "Releasing", Released "Released", Rejecting "Being closed", Rejected "Rejected",
        Withdrawn "Withdrawn", Expired "Expired", Failed "Failed", Revoked "Revoked",
    }
    /// What kind of step it is.
    StepKind { Intake "Intake", Staging "Staging", Review "Review", Release "Release", Outcome "Outcome", }
    /// Where a request stands with regard to a step.
    StepPlace {
        Ahead "to come", Broken "broke here", Current "now", Done "done", Skipped "not in this round", Stopped "ended here",
    }
}

impl StatusWord {
    /// The tone in which it is shown: the name of a class.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::Received | Self::Queued | Self::Admitted | Self::Staging | Self::Releasing | Self::Rejecting => {
                "busy"
            }
            Self::InReview => "open",
            Self::Returned => "ask",
            Self::Released => "good",
            Self::Rejected | Self::Failed | Self::Revoked => "bad",
            Self::Withdrawn | Self::Expired => "quiet",
        }
    }
}

/// Endings of names that promise text.
const TEXTS: [&str; 22] = [
    "csv", "tsv", "tab", "psv", "txt", "log", "md", "json", "xml", "yaml", "yml", "toml", "html", "htm", "svg", "tex",
    "r", "py", "do", "sas", "sql", "rmd",
];

impl Content {
    /// Whether the name of a file promises something else than is in it. An ending that promises nothing is no promise.
    pub(crate) fn belies(self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            text if TEXTS.contains(&text) => !matches!(self, Self::Text | Self::Empty),
            "png" => self != Self::Png,
            "jpg" | "jpeg" => self != Self::Jpeg,
            "gif" => self != Self::Gif,
            "webp" => self != Self::Webp,
            "pdf" => self != Self::Pdf,
            "zip" | "docx" | "xlsx" | "pptx" | "odt" | "ods" => self != Self::Zip,
            _ => false,
        }
    }

    /// Whether no eye can see what is in it.
    pub(crate) fn is_opaque(self) -> bool {
        matches!(self, Self::Compressed | Self::Program | Self::Zip)
    }
}

impl Opinion {
    /// What was said, as a word in the past.
    pub(crate) fn said(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Return => "returned",
            Self::Reject => "rejected",
        }
    }

    /// The tone in which it is shown: the name of a class.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::Approve => "good",
            Self::Return => "ask",
            Self::Reject => "bad",
        }
    }
}

impl StepPlace {
    /// The tone in which it is drawn: the name of a class.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Broken => "broken",
            Self::Current => "current",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Stopped => "stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_promises_something_else_is_found() {
        assert!(
            Content::Zip.belies("counts.csv") && Content::Text.belies("figure.PNG") && Content::Other.belies("a.b.txt")
        );
        assert!(
            !Content::Text.belies("counts.csv")
                && !Content::Empty.belies("log.txt")
                && !Content::Other.belies("model.rds")
        );
    }
}
