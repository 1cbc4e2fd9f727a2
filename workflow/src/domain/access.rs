//! The access log: who looked at what, what was refused, who signed in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::email::Email;
use super::id::RequestId;

/// One entry of the access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// Who, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Email>,
    /// From where: a network address, or `command line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: Look,
}

/// What was done without changing anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "look", rename_all = "snake_case")]
pub enum Look {
    /// A request was opened.
    Request {
        /// Which.
        request: RequestId,
    },
    /// A file under review was looked into.
    File {
        /// Of which request.
        request: RequestId,
        /// Its path.
        path: String,
    },
    /// Bytes of a release were handed out.
    Download {
        /// Of which request.
        request: RequestId,
    },
    /// Something was refused.
    Refused {
        /// About which request, if about one.
        request: Option<RequestId>,
        /// What was tried.
        action: String,
        /// The refusal's code.
        code: String,
    },
    /// Somebody signed in, or failed to.
    SignIn {
        /// Whether they did.
        succeeded: bool,
    },
    /// The audit or the access log was read.
    Audit,
}
