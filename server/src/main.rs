//! `lockgate`: the command line, and the house that serves one machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::run(std::env::args_os())
}
