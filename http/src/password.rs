//! Passwords: hashed with Argon2id, a few at a time, so that a flood of sign-ins cannot take the machine's memory.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Memory of one hash in KiB, passes and lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Hashes that are computed at once.
const AT_ONCE: usize = 2;
/// Hashes that wait for their turn; more are turned away.
const WAITING: usize = 64;
/// The fewest and the most characters of a password.
pub(crate) const LENGTH: std::ops::RangeInclusive<usize> = 12..=256;

/// Checks passwords.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// The hash of a password that nobody has: checked where there is no account, so that both take the same time.
    nobody: String,
}

/// Too many passwords are being checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

impl Passwords {
    /// `secret` is what nobody's password and salt are made of.
    pub(crate) fn new(secret: [u8; 32]) -> Result<Self, String> {
        let nobody = hash(&hex::encode(secret), &secret)?;
        let (turns, queue) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(AT_ONCE + WAITING)));
        Ok(Self { turns, queue, nobody })
    }

    /// Tells whether a password is the one of an account. Without an account it takes as long, and it is not.
    pub(crate) async fn is_right(&self, password: &str, stored: Option<&str>) -> Result<bool, Busy> {
        let Ok(_place) = Arc::clone(&self.queue).try_acquire_owned() else { return Err(Busy) };
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { return Err(Busy) };
        let is_account = stored.is_some();
        let (password, stored) = (password.to_owned(), stored.unwrap_or(&self.nobody).to_owned());
        let checked = tokio::task::spawn_blocking(move || {
            let _turn = turn; // Held by the work itself: whoever asked may go away before it is done.
            verify(&password, &stored)
        });
        Ok(checked.await.unwrap_or(false) && is_account)
    }
}

/// The hash of a password in the PHC format.
pub(crate) fn hash(password: &str, salt: &[u8]) -> Result<String, String> {
    let salt = salt.get(..16).unwrap_or(salt);
    let hash: PasswordHash =
        hasher()?.hash_password_with_salt(password.as_bytes(), salt).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    let (Ok(hash), Ok(hasher)) = (PasswordHash::new(stored), hasher()) else { return false };
    hasher.verify_password(password.as_bytes(), &hash).is_ok()
}

fn hasher() -> Result<Argon2<'static>, String> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_what_it_cost() {
        let hash = hash("correct horse battery", &[7; 32]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse battery", &hash));
        assert!(!verify("correct horse batterz", &hash));
        assert!(!verify("correct horse battery", "no hash"));
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_is_checked_all_the_same() {
        let passwords = Passwords::new([1; 32]).unwrap();
        assert_eq!(passwords.is_right(&hex::encode([1; 32]), None).await, Ok(false));
        assert!(verify(&hex::encode([1; 32]), &passwords.nobody), "the dummy is a real hash of the same cost");
        assert!(passwords.nobody.contains("m=19456,t=2,p=1"));
    }

    #[tokio::test]
    async fn more_than_can_wait_are_turned_away() {
        let passwords = Passwords::new([1; 32]).unwrap();
        let _all = Arc::clone(&passwords.queue).try_acquire_many_owned(66).unwrap();
        assert_eq!(passwords.is_right("x", None).await, Err(Busy));
    }
}
