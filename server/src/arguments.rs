//! What can be typed: everything up to the command's own arguments.

use std::path::PathBuf;

use clap::Parser;

use crate::command::{Command, demo};
use crate::value;

/// Decides what may leave a Trusted Research Environment, and lets out exactly that.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, arg_required_else_help = false, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The data directory [default: ./lockgate-data; of the demo: ./lockgate-demo]
    #[arg(long, global = true, value_name = "DIR", env = "LOCKGATE_DIR", value_parser = value::path)]
    dir: Option<PathBuf>,
    /// Answer with one JSON document; errors are JSON on the error stream
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do [default: demo]
    #[command(subcommand)]
    command: Option<Command>,
}

impl Arguments {
    /// The data directory and the command, with their defaults filled in.
    pub(crate) fn into_parts(self) -> std::io::Result<(PathBuf, Command)> {
        let command = self.command.unwrap_or_else(|| Command::Demo(demo::Demo::default()));
        let name = if matches!(command, Command::Demo(_)) { "lockgate-demo" } else { "lockgate-data" };
        let dir = match self.dir {
            Some(dir) => dir,
            None => std::path::absolute(name)?,
        };
        Ok((dir, command))
    }
}
