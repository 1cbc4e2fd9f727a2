//! Time comes in through the door.

use jiff::Timestamp;

/// Why deadlines are held, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The last instant at which the clock was believed.
    pub since: Timestamp,
    /// What was found, as a sentence without its full stop.
    pub because: String,
}

/// The wall clock.
pub trait Clock: Send + Sync {
    /// The instant that it is.
    fn now(&self) -> Timestamp;

    /// Why deadlines are held: the clock jumped, or nobody watched it for long, and no operator has said yet that it is
    /// right. None: they pass. While they are held nothing expires and nobody is reminded.
    fn held(&self) -> Option<Held> {
        None
    }

    /// Since when deadlines are held, if they are.
    fn held_since(&self) -> Option<Timestamp> {
        self.held().map(|held| held.since)
    }
}
