//! `lockgate`: the command line, and the house that serves one machine.

use std::process::ExitCode;

/// A release frees blocks of some MiB all the time: this one gives them back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::run(std::env::args_os())
}
