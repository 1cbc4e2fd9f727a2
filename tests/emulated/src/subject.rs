//! What contracts are run on: every adapter of an account, on stand-ins of its own, straight or with troubles between.

mod engine;
mod rows;
mod services;

pub use engine::engine;
pub use rows::{access_log, intake, people, policies, records, sessions, stores};
pub use services::{files, keys, post};
