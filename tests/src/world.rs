//! Time and randomness that a test holds in its hand.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use workflow::domain::digest::Digest;
use workflow::ports::{Clock, Ids};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct SimClock {
    now: Mutex<Timestamp>,
}

impl SimClock {
    /// A clock that shows an instant.
    pub fn at(now: Timestamp) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Moves the clock on.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }

    /// Moves the clock to an instant, also a past one: machines' clocks jump.
    pub fn set(&self, to: Timestamp) {
        *self.now.lock().unwrap() = to;
    }
}

impl Default for SimClock {
    fn default() -> Self {
        Self::at(crate::builders::at(0))
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

/// Names and secrets that are the same in every run of one seed.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededIds {
    /// The names of a seed.
    pub fn of(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }

    fn draw(&self) -> (u64, [u8; 32]) {
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
        match Digest::of(format!("{}/{drawn}", self.seed).as_bytes()) {
            Digest::Sha256(bytes) | Digest::Sha256Parts { digest: bytes, .. } => (drawn, bytes),
        }
    }
}

impl Ids for SeededIds {
    fn name(&self) -> Uuid {
        let (drawn, bytes) = self.draw();
        let random: [u8; 10] = std::array::from_fn(|index| bytes[index]);
        // Later names sort after earlier ones, as they do outside of tests.
        uuid::Builder::from_unix_timestamp_millis(1_767_600_000_000 + drawn, &random).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        self.draw().1
    }
}
