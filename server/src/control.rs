//! The control socket: a command that finds a server at work has it done there, over a socket in the data directory.
//!
//! One connection carries one command: a line of JSON with the command, then a line for each frame of its output. The
//! socket's mode and the peer's user id say who may: nobody but the user whose server it is, and root.

mod address;
mod client;
mod listener;

use serde::{Deserialize, Serialize};

pub(crate) use client::{Connection, connect};
pub(crate) use listener::Listener;

use crate::command::Command;

/// The longest command in bytes.
const LONGEST_CALL: u64 = 1 << 20;

/// A command on its way to a server.
#[derive(Debug, Serialize, Deserialize)]
struct Call {
    /// The release that sends it: another one may mean something else by the same words.
    version: String,
    as_json: bool,
    command: Command,
}

/// What can be read of a call from any release.
#[derive(Debug, Deserialize)]
struct Greeting {
    version: String,
}

fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
