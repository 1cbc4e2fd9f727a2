//! What the people who run a house change in it, beside requests.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::digest::Digest;
use super::email::Email;
use super::outbox::MessageId;
use super::text::{PolicyName, ProjectId};

/// A change that belongs to no request. It is on the access log before it happens: what is on record may, after a crash,
/// not have come about, and nothing comes about that is not on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// A version of a policy was published.
    PolicyPublished {
        /// Which, as `name v1`.
        policy: String,
        /// The digest of the policy.
        digest: Digest,
    },
    /// A policy was said to apply somewhere.
    PolicyAssigned {
        /// Which.
        policy: PolicyName,
        /// To which project; none: to the house.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectId>,
    },
    /// Somebody was entered into the directory, or what is known of them was replaced.
    PersonEntered {
        /// Their address.
        email: Email,
        /// The groups that they are in from then on, as `group` or `group@project,…`.
        groups: Vec<String>,
    },
    /// Somebody's account was shut.
    AccountShut {
        /// Whose.
        email: Email,
    },
    /// Somebody was given a password; their sessions ended.
    PasswordSet {
        /// Who.
        email: Email,
    },
    /// A key of a machine was made.
    KeyMade {
        /// What it is for.
        label: String,
        /// For whom it acts.
        email: Email,
        /// What it may be used for.
        scopes: Vec<String>,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// A key of a machine was called back.
    KeyRevoked {
        /// Its id.
        key: String,
    },
    /// A message that was given up was made due again.
    MessageRetried {
        /// Which.
        message: MessageId,
    },
    /// A mail was said to have come back.
    MessageBounced {
        /// Which message it was of.
        message: MessageId,
        /// Whom it did not reach.
        to: Email,
    },
    /// Something in quarantine was taken once more.
    QuarantineReplayed {
        /// Which item.
        item: Uuid,
    },
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PolicyPublished { policy, digest } => write!(f, "published policy {policy} ({digest})"),
            Self::PolicyAssigned { policy, project: Some(project) } => {
                write!(f, "assigned {policy} to project {project}")
            }
            Self::PolicyAssigned { policy, project: None } => write!(f, "assigned {policy} to the house"),
            Self::PersonEntered { email, groups } if groups.is_empty() => write!(f, "entered {email}, in no group"),
            Self::PersonEntered { email, groups } => write!(f, "entered {email}, in {}", groups.join(" ")),
            Self::AccountShut { email } => write!(f, "shut the account of {email}"),
            Self::PasswordSet { email } => write!(f, "gave {email} a password"),
            Self::KeyMade { label, email, scopes, expires_at } => {
                write!(f, "made the key '{label}' for {email} ({}), good until {expires_at}", scopes.join(" "))
            }
            Self::KeyRevoked { key } => write!(f, "called the key {key} back"),
            Self::MessageRetried { message } => write!(f, "had message {message} tried again"),
            Self::MessageBounced { message, to } => write!(f, "reported that message {message} came back from {to}"),
            Self::QuarantineReplayed { item } => write!(f, "replayed {item} from quarantine"),
        }
    }
}
