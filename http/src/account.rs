//! Local accounts, for whoever manages them.

use workflow::domain::email::Email;
use workflow::domain::person::Identity;
use workflow::ports::sessions::{Account, LOCAL_ISSUER};
use workflow::ports::{PortError, Ports};

use crate::password;

/// Why a password was not set. The one before, if any, is still good.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// It is too short or too long.
    #[error("a password has {} to {} characters; this one has {characters}", password::LENGTH.start(), password::LENGTH.end())]
    Length {
        /// Its characters.
        characters: usize,
    },
    /// It could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// A port failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Gives a person of this address a local account with a password, and answers the account's identity, which the
/// directory has to know as one of theirs. An account that is there keeps its identity, gets the new password, and all
/// of its sessions end.
pub async fn set_password(ports: &Ports, email: &Email, password: &str) -> Result<Identity, NotSet> {
    let characters = password.chars().count();
    if !password::LENGTH.contains(&characters) {
        return Err(NotSet::Length { characters });
    }
    let hash = password::hash(password, &ports.ids.secret()).map_err(NotSet::Hash)?;
    let identity = match ports.sessions.account(email).await? {
        Some(account) => account.identity,
        None => Identity { issuer: LOCAL_ISSUER.to_owned(), subject: ports.ids.name().to_string() },
    };
    let account = Account { identity: identity.clone(), email: email.clone(), password: hash };
    ports.sessions.save_account(&account).await?;
    ports.sessions.close_all(Some(&identity)).await?;
    Ok(identity)
}
