//! The functions against what the stack says of them, and against whoever would forge a token or an event.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test says by panicking that something is not as it should be; what is written as JSON is written where it is used"
)]

mod forged;
mod part;
mod pool;
