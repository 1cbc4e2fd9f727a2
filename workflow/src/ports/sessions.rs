//! Who may come in: local accounts, the sessions of who came in, and the keys of machines that act for a person.
//!
//! No secret is handed over: passwords come as hashes, tokens and keys as digests.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PortResult;
use crate::domain::digest::Digest;
use crate::domain::email::Email;
use crate::domain::person::Identity;
use crate::domain::text::Title;

/// The issuer of local accounts.
pub const LOCAL_ISSUER: &str = "lockgate";

/// A local account. Who the person is, the directory knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account: its issuer is [`LOCAL_ISSUER`].
    pub identity: Identity,
    /// The address that is typed in at sign-in.
    pub email: Email,
    /// The hash of the password, in the PHC format.
    pub password: String,
}

/// A session: somebody came in with one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The digest of its token: whoever reads the row cannot use the session.
    pub token: Digest,
    /// Whose account.
    pub identity: Identity,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends however much it is used.
    pub expires_at: Timestamp,
}

/// What a key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Everything that its person may do.
    Act,
    /// Reading the metrics, and nothing else.
    Metrics,
}

/// A key of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name, the part that is no secret.
    pub id: String,
    /// The digest of the secret part.
    pub secret: Digest,
    /// What it is for, in its owner's words.
    pub label: Title,
    /// For whom it acts.
    pub identity: Identity,
    /// What it is good for.
    pub scopes: BTreeSet<KeyScope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// Accounts, sessions and keys.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The account whose address this is; none if there is none.
    async fn account(&self, email: &Email) -> PortResult<Option<Account>>;

    /// Enters an account, or replaces the one of that address. Again: nothing.
    async fn save_account(&self, account: &Account) -> PortResult<()>;

    /// Enters a session. Again: nothing.
    async fn open(&self, session: &Session) -> PortResult<()>;

    /// The session of a token; none if there is none or it was closed. Whether it has ended, the caller tells by its
    /// times.
    async fn find(&self, token: &Digest) -> PortResult<Option<Session>>;

    /// Records that a session was used. A session that was closed stays closed.
    async fn touch(&self, token: &Digest, at: Timestamp) -> PortResult<()>;

    /// Closes a session. Again: nothing.
    async fn close(&self, token: &Digest) -> PortResult<()>;

    /// Closes all sessions of a person, or of everybody if nobody is named, and says how many there were.
    async fn close_all(&self, identity: Option<&Identity>) -> PortResult<u64>;

    /// Forgets sessions that ended, or were last used, before the given instants.
    async fn prune(&self, ended_by: Timestamp, unused_since: Timestamp) -> PortResult<()>;

    /// Enters a key. `Conflict` if there is another one of that name. Again: nothing.
    async fn add_key(&self, key: &ApiKey) -> PortResult<()>;

    /// The key of a name, revoked or not.
    async fn key(&self, id: &str) -> PortResult<Option<ApiKey>>;

    /// All keys, of one person or of everybody, in the order in which they were made.
    async fn keys(&self, identity: Option<&Identity>) -> PortResult<Vec<ApiKey>>;

    /// Revokes a key. `Missing` if there is none. Again: nothing; the first instant stands.
    async fn revoke_key(&self, id: &str, at: Timestamp) -> PortResult<()>;
}
