//! The shipped binary, as somebody types it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says by panicking that something is not as it should be"
)]

mod backup;
mod check;
mod demo;
mod directory;
mod exit_code;
mod hostile;
mod json;
mod key;
mod readme;
mod recorded;
mod server;
mod story;
