//! The schema on a real house.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says by panicking that something is not as it should be"
)]

mod abuse;
mod appsync;
mod foreign;
mod journey;
mod predecessor;
mod stage;
