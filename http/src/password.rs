//! Passwords: hashed with Argon2id, a few at a time, so that a flood of sign-ins cannot take the machine's memory.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// What one hash is computed in.
type Memory = Vec<Block>;

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
    /// The memory of hashes that are not being computed. It is used again: allocated anew for every hash, on whatever
    /// thread, it would stay with each of those threads, and a flood would take a GiB.
    memory: Arc<Mutex<Vec<Memory>>>,
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
        Ok(Self { turns, queue, memory: Arc::default(), nobody })
    }

    /// Tells whether a password is the one of an account. Without an account it takes as long, and it is not.
    pub(crate) async fn is_right(&self, password: &str, stored: Option<&str>) -> Result<bool, Busy> {
        let Ok(_place) = Arc::clone(&self.queue).try_acquire_owned() else { return Err(Busy) };
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { return Err(Busy) };
        let is_account = stored.is_some();
        let (password, stored) = (password.to_owned(), stored.unwrap_or(&self.nobody).to_owned());
        let shelf = Arc::clone(&self.memory);
        let checked = tokio::task::spawn_blocking(move || {
            let mut memory = shelf.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let is_right = verify(&password, &stored, &mut memory);
            shelf.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
            drop(turn); // Held by the work itself: whoever asked may go away before it is done.
            is_right
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

/// Computes the hash again, at the cost that the stored one names, and leaves nothing of it in the memory.
fn verify(password: &str, stored: &str, memory: &mut Memory) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return false };
    let (Ok(params), Ok(algorithm)) = (Params::try_from(&hash), Algorithm::try_from(hash.algorithm.as_str())) else {
        return false;
    };
    memory.resize(params.block_count(), Block::default());
    let mut found = vec![0; expected.len()];
    let hasher = Argon2::new(algorithm, Version::V0x13, params);
    let computed = hasher.hash_password_into_with_memory(password.as_bytes(), salt.as_ref(), &mut found, &mut *memory);
    memory.fill(Block::default());
    computed.is_ok() && bool::from(found.ct_eq(expected.as_bytes()))
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
        let mut memory = Memory::new();
        assert!(verify("correct horse battery", &hash, &mut memory));
        assert!(!verify("correct horse batterz", &hash, &mut memory));
        assert!(!verify("correct horse battery", "no hash", &mut memory));
        assert!(memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)), "nothing stays");
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_is_checked_all_the_same() {
        let passwords = Passwords::new([1; 32]).unwrap();
        assert_eq!(passwords.is_right(&hex::encode([1; 32]), None).await, Ok(false));
        let mut memory = Memory::new();
        assert!(
            verify(&hex::encode([1; 32]), &passwords.nobody, &mut memory),
            "the dummy is a real hash of the same cost"
        );
        assert!(passwords.nobody.contains("m=19456,t=2,p=1"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_takes_the_memory_of_two() {
        let passwords = Passwords::new([1; 32]).unwrap();
        let checks = (0..12).map(|_| passwords.is_right("a wrong password", None));
        assert!(futures_util::future::join_all(checks).await.into_iter().all(|checked| checked == Ok(false)));
        let shelf = passwords.memory.lock().unwrap();
        assert!((1..=2).contains(&shelf.len()), "{}", shelf.len());
        assert!(shelf.iter().all(|memory| memory.len() == 19 * 1024));
    }

    #[tokio::test]
    async fn more_than_can_wait_are_turned_away() {
        let passwords = Passwords::new([1; 32]).unwrap();
        let _all = Arc::clone(&passwords.queue).try_acquire_many_owned(66).unwrap();
        assert_eq!(passwords.is_right("x", None).await, Err(Busy));
    }
}
