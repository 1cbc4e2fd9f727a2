//! `lockgate`: the command line, and the house that serves one machine.
//!
//! Nothing is decided here: a command parses what was typed, calls an action, and shows what came of it.

mod access;
mod arguments;
mod command;
mod control;
mod desk;
mod face;
mod failure;
mod file;
mod log;
mod object;
mod open;
mod output;
mod render;
mod run;
mod system;
mod value;

pub use run::run;
