//! The access log: who looked at what, what was refused, who signed in, and what was changed beside requests.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use sha2::{Digest as _, Sha256};

use super::deed::Deed;
use super::digest::Digest;
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
    /// The user of the machine on whose account the command line ran, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_user: Option<String>,
    /// From where: a network address, or `command line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: Look,
}

/// What was done without changing a request.
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
    /// Something that belongs to no request is about to be changed.
    Changed(Deed),
}

/// The entries of one day on their way to a digest: what a checkpoint binds.
///
/// The digest is the SHA-256 of the entries in order, each as one line of canonical JSON that ends in a line feed.
#[derive(Debug, Clone, Default)]
pub struct Segment {
    lines: Sha256,
}

impl Segment {
    /// The line of an entry, without its end.
    pub fn line(access: &Access) -> String {
        match crate::canonical::canonical(access).map(String::from_utf8) {
            Ok(Ok(line)) => line,
            _ => crate::bug!("an entry of the access log has no canonical form"),
        }
    }

    /// Adds the next entry.
    pub fn push(&mut self, access: &Access) {
        self.push_line(&Self::line(access));
    }

    /// Adds the line of the next entry.
    pub fn push_line(&mut self, line: &str) {
        self.lines.update(line);
        self.lines.update("\n");
    }

    /// The digest of what was added.
    pub fn digest(&self) -> Digest {
        Digest::Sha256(self.lines.clone().finalize().into())
    }
}
