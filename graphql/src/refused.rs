//! Refusals as data: a code from a closed list and the sentence that the person reads.

use async_graphql::{Enum, SimpleObject};
use workflow::domain::permission::{Moved, Refusal};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $(<= ($refusal:pat))?;)*) => {
        /// Why something was refused: the closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[graphql(name = "RefusalCode")]
        pub(crate) enum RefusalCode {$(
            $(#[$doc])*
            $name,
        )*}

        impl From<&Refusal> for RefusalCode {
            fn from(refusal: &Refusal) -> Self {
                match refusal {
                    $($($refusal => Self::$name,)?)*
                }
            }
        }
    };
}

codes! {
    /// There is no such request, or it is not yours to see.
    NotFound <= (Refusal::NoSuchRequest);
    /// The account is shut.
    Disabled <= (Refusal::Disabled);
    /// It is the person's own request.
    OwnRequest <= (Refusal::OwnRequest);
    /// The account has no verified e-mail address.
    NoVerifiedEmail <= (Refusal::NoVerifiedEmail);
    /// The person is not in the stage's group.
    NotInGroup <= (Refusal::NotInGroup { .. });
    /// The person has decided at this stage.
    DecidedAlready <= (Refusal::DecidedAlready { .. });
    /// The person has decided at another stage of this round.
    DecidedElsewhere <= (Refusal::DecidedElsewhere { .. });
    /// Nothing is to be decided now.
    NotInReview <= (Refusal::NotInReview { .. });
    /// The stage has its result.
    StageClosed <= (Refusal::StageClosed);
    /// What was looked at has moved.
    Stale <= (Refusal::Stale { .. });
    /// A reason is missing or too short.
    ReasonTooShort <= (Refusal::ReasonTooShort { .. });
    /// Only the requester may.
    NotTheRequester <= (Refusal::NotTheRequester);
    /// The person may read and no more.
    ReadsOnly <= (Refusal::ReadsOnly);
    /// The policy does not name the person.
    NotADownloader <= (Refusal::NotADownloader);
    /// There is nothing to download.
    NotReleased <= (Refusal::NotReleased { .. });
    /// All downloads are used.
    NoDownloadsLeft <= (Refusal::NoDownloadsLeft { .. });
    /// A download link is not good.
    BadTicket <= (Refusal::BadTicket);
    /// The person may not submit in that project.
    NotAResearcher <= (Refusal::NotAResearcher { .. });
    /// There is no such upload, or it has ended, or it is somebody else's.
    NoSuchUpload <= (Refusal::NoSuchUpload);
    /// Some files have not arrived whole.
    UploadUnfinished <= (Refusal::UploadUnfinished { .. });
    /// Files cannot be taken.
    UnusableFiles <= (Refusal::UnusableFiles { .. });
    /// There is no such item any more.
    NoSuchItem <= (Refusal::NoSuchItem);
    /// The person is no operator.
    NotAnOperator <= (Refusal::NotAnOperator);
    /// The person is no auditor.
    NotAnAuditor <= (Refusal::NotAnAuditor);
    /// A withdrawal is on record already.
    WithdrawnAlready <= (Refusal::WithdrawnAlready);
    /// It cannot happen to a request that stands where it stands.
    NotNow <= (Refusal::NotNow(_));
    /// Something that was handed in cannot be used.
    InvalidInput;
    /// The list has another order.
    OrderNotOffered;
}

/// Something was refused, and nothing was changed.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Refused {
    /// Why, for machines.
    code: RefusalCode,
    /// Why, what was kept and what to do, for people.
    sentence: String,
    /// The field of the input that it is about, where it is about one.
    field: Option<String>,
}

impl Refused {
    /// A text or a choice that cannot be used: `problem` is a clause such as "the title is empty".
    pub(crate) fn input(field: &str, problem: &str) -> Self {
        let sentence = format!("{}. Nothing was changed. Correct it and send it again.", capitalised(problem));
        Self { code: RefusalCode::InvalidInput, sentence, field: Some(field.to_owned()) }
    }

    /// A list that is not kept in the order that was asked for.
    pub(crate) fn order(sentence: String) -> Self {
        Self { code: RefusalCode::OrderNotOffered, sentence, field: Some("order".to_owned()) }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { code: RefusalCode::from(&refusal), sentence: refusal.to_string(), field: None }
    }
}

/// What has moved since somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "Moved")]
pub(crate) enum WhatMoved {
    /// The requester submitted again.
    Round,
    /// Another stage is being decided.
    Stage,
    /// The list of files is another one.
    Manifest,
    /// The stage was closed by another decision.
    Closed,
}

impl WhatMoved {
    /// What a refusal says has moved; none if it is no matter of time.
    pub(crate) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::Stale { moved: Moved::Round } => Some(Self::Round),
            Refusal::Stale { moved: Moved::Stage } => Some(Self::Stage),
            Refusal::Stale { moved: Moved::Manifest } => Some(Self::Manifest),
            Refusal::StageClosed => Some(Self::Closed),
            _ => None,
        }
    }
}

fn capitalised(clause: &str) -> String {
    let mut rest = clause.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + rest.as_str())
}
