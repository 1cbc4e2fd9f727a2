//! Randomness comes in through the door.

use uuid::Uuid;

/// Names and secrets that nobody can guess.
pub trait Ids: Send + Sync {
    /// A new name, in the order of time (UUID version 7).
    fn name(&self) -> Uuid;

    /// A new secret of 256 bits.
    fn secret(&self) -> [u8; 32];
}
