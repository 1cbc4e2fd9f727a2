//! What Lockgate does: the domain, the ports it needs, and the steps, actions and chores built on them.
//!
//! This crate performs no I/O, reads no clock and knows no vendor: everything from outside comes in through [`ports`].

mod amend;
mod bug;

pub mod actions;
pub mod archive;
pub mod canonical;
pub mod chores;
pub mod domain;
pub mod letter;
pub mod ports;
mod records;
pub mod steps;
