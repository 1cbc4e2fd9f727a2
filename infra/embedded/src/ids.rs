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
        fill(&mut secret);
        secret
    }
}

/// Fills `bytes` with true randomness. A machine that has none cannot keep a secret, and nothing could go on.
pub(crate) fn fill(bytes: &mut [u8]) {
    if let Err(error) = SysRng.try_fill_bytes(bytes) {
        workflow::bug!("the operating system gives no randomness: {error}");
    }
}

#[cfg(test)]
mod tests {
    use workflow::ports::Ids as _;

    use super::*;

    #[test]
    fn names_come_in_order_and_secrets_never_come_twice() {
        let names: Vec<_> = (0..1000).map(|_| Ids.name()).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(names[0].get_version_num(), 7);
        assert_ne!(Ids.secret(), Ids.secret());
    }
}
