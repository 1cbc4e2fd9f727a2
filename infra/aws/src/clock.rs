//! The system's clock.

use jiff::Timestamp;
use workflow::ports;

/// The wall clock of the machine that a function runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl ports::Clock for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
