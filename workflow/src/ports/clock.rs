//! Time comes in through the door.

use jiff::Timestamp;

/// The wall clock.
pub trait Clock: Send + Sync {
    /// The instant that it is.
    fn now(&self) -> Timestamp;

    /// Since when deadlines are held: the clock jumped, or nobody watched it for long, and no operator has said yet that
    /// it is right. None: they pass. While they are held nothing expires and nobody is reminded.
    fn held_since(&self) -> Option<Timestamp> {
        None
    }
}
