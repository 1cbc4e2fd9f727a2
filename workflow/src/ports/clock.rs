//! Time comes in through the door.

use jiff::Timestamp;

/// The wall clock.
pub trait Clock: Send + Sync {
    /// The instant that it is.
    fn now(&self) -> Timestamp;
}
