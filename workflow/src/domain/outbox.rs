//! The outbox: what has to be done outside because of a change, on record with the change itself.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::email::Email;
use super::id::{RequestId, RoundNumber, RunNumber};
use super::policy::Audience;
use super::status::End;
use super::text::{Reason, StageId, StoreId};

/// Names one message: the request, the change that made it, and which of the change's messages it is. It is the
/// stable identity of ours that a mail carries, whatever a mail service makes of its own headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// The request.
    pub request: RequestId,
    /// The sequence number of the change.
    pub sequence: u64,
    /// The message within the change, from 0.
    pub index: u32,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.request, self.sequence, self.index)
    }
}

impl std::str::FromStr for MessageId {
    type Err = super::text::BadText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || super::text::BadText::new("the message id", "is not of the form <request>.<sequence>.<index>");
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or_else(bad);
        let (request, sequence, index) = (next()?.parse()?, next()?, next()?);
        Ok(Self { request, sequence: sequence.parse().map_err(|_| bad())?, index: index.parse().map_err(|_| bad())? })
    }
}

/// One message of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its name.
    pub id: MessageId,
    /// When the change was made.
    pub created_at: Timestamp,
    /// What has to be done.
    pub errand: Errand,
}

/// What has to be done outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// Begin an execution of the definition.
    BeginRun {
        /// Which.
        run: RunNumber,
    },
    /// Let the next queued request of a store begin.
    FreeStore {
        /// Which.
        store: StoreId,
    },
    /// Write to people.
    Tell {
        /// Whom.
        to: Recipient,
        /// What about.
        about: Letter,
    },
}

/// Whom a letter is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Somebody that the policy speaks of.
    Audience(Audience),
    /// The members of a group that may still decide at a stage.
    Reviewers(StageId),
    /// The operators of the house.
    Operators,
    /// One address.
    Address(Email),
}

impl Errand {
    /// What has to be done, in a few words.
    pub fn in_words(&self) -> String {
        match self {
            Self::BeginRun { run } => format!("begin run {run}"),
            Self::FreeStore { store } => format!("let in whoever waits for store {store}"),
            Self::Tell { to, about } => format!("tell {to}: {}", about.in_words()),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audience(audience) => write!(f, "{audience}"),
            Self::Reviewers(stage) => write!(f, "reviewers of {stage}"),
            Self::Operators => f.write_str("operators"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// What a letter is about. It holds what must be as it was when the change was made; the rest is read when the letter
/// is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// To the requester: the ask is on record.
    Received,
    /// To the requester: the ask waits behind another one of the store.
    Queued,
    /// To reviewers: files wait for a decision.
    ReviewWanted {
        /// At which stage.
        stage: StageId,
        /// In which round.
        round: RoundNumber,
    },
    /// To reviewers: files still wait.
    Reminder {
        /// At which stage.
        stage: StageId,
        /// In which round.
        round: RoundNumber,
        /// Counts the reminders of the stage, from 1.
        count: u32,
    },
    /// To whom the policy names: it is getting late.
    Escalation {
        /// At which stage.
        stage: StageId,
        /// In which round.
        round: RoundNumber,
    },
    /// To the requester: the files were released.
    Released,
    /// To the requester: the files were not released.
    Ended {
        /// How it ended.
        end: End,
        /// Which round.
        round: RoundNumber,
        /// Why, where no reviewer's reason says it.
        reason: Option<Reason>,
    },
    /// To the requester and the operators: a release was called back.
    Revoked {
        /// Why.
        reason: Reason,
    },
    /// To the operators: something broke.
    Failed {
        /// What, in a sentence.
        sentence: String,
    },
    /// To the operators: another letter about the request could not be delivered.
    Undeliverable {
        /// Which message.
        message: MessageId,
        /// What is in the way.
        trouble: String,
    },
    /// To the requester: somebody asked or answered something.
    Commented {
        /// What.
        text: Reason,
    },
}

impl Letter {
    /// What it is about, in a few words.
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::ReviewWanted { .. } => "review wanted",
            Self::Reminder { .. } => "reminder",
            Self::Escalation { .. } => "escalation",
            Self::Released => "released",
            Self::Ended { .. } => "ended without release",
            Self::Revoked { .. } => "revoked",
            Self::Failed { .. } => "failed",
            Self::Undeliverable { .. } => "undeliverable",
            Self::Commented { .. } => "commented",
        }
    }
}
