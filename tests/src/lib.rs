//! What no single crate can prove.

pub mod invariants;
pub mod watch;
