//! Names and secrets from the randomness of the operating system.

use rand::TryRng;
use rand::rngs::SysRng;
use uuid::Uuid;
use workflow::ports;

/// The randomness of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids;

impl ports::Ids for Ids {
    fn name(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        // A machine without randomness cannot keep a secret, and nothing could go on.
        if let Err(error) = SysRng.try_fill_bytes(&mut secret) {
            workflow::bug!("the operating system gives no randomness: {error}");
        }
        secret
    }
}
