//! The way mails leave.

use async_trait::async_trait;

use super::PortResult;
use crate::domain::email::Email;

/// One mail to one person, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// A stable name of ours for the mail: the message and the person. Also in a header of the mail.
    pub name: String,
    /// Who sends.
    pub from: Email,
    /// Who gets it.
    pub to: Email,
    /// The whole mail as RFC 5322 text.
    pub text: Vec<u8>,
}

/// The way mails leave.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail over, and gives what the other side answered as it took it, in one line. `Transient` if it may work
    /// later, `Denied` if it never will (the address is refused). Again: where the house can tell (the outbox folder)
    /// nothing, elsewhere a second mail of the same name.
    async fn send(&self, mail: &Mail) -> PortResult<String>;
}
