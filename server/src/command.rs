//! The commands, one module each.

mod audit;
mod backup;
mod check;
mod config;
mod conformance;
mod deadline;
mod definition;
pub(crate) mod demo;
mod download;
pub(crate) mod init;
mod key;
mod mail;
mod outbox;
mod person;
mod policy;
mod quarantine;
mod release;
mod request;
mod restore;
mod schema;
pub(crate) mod serve;
mod source;
mod submit;

use std::path::Path;

use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;

/// What can be asked for.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    /// Play the whole story on real input, in a directory of its own
    Demo(demo::Demo),
    /// Run the house until it is stopped
    Serve(serve::Serve),
    /// Make a data directory
    Init(init::Init),
    /// The versioned area that files are taken from
    #[command(subcommand)]
    Source(source::Source),
    /// Ask for files to leave
    Submit(submit::Submit),
    /// Look at requests and act on them
    #[command(subcommand)]
    Request(request::Request),
    /// Released archives
    #[command(subcommand)]
    Release(release::Release),
    /// Fetch a released archive as somebody who may
    Download(download::Download),
    /// Who decides what, by version
    #[command(subcommand)]
    Policy(policy::Policy),
    /// The directory of people
    #[command(subcommand)]
    Person(person::Person),
    /// Keys of machines that act for somebody
    #[command(subcommand)]
    Key(key::Key),
    /// What came in and could not be taken
    #[command(subcommand)]
    Quarantine(quarantine::Quarantine),
    /// What has to be done outside, mails among it
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Deadlines that are held, because the clock could not be believed
    #[command(subcommand)]
    Deadline(deadline::Deadline),
    /// The way that mails leave
    #[command(subcommand)]
    Mail(mail::Mail),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Take a backup, while the house goes on
    Backup(backup::Backup),
    /// Make a data directory from a backup
    Restore(restore::Restore),
    /// Check that what is stored is sound
    Check(check::Check),
    /// The settings
    #[command(subcommand)]
    Config(config::Config),
    /// Print the workflow's definition
    Definition(definition::Definition),
    /// Print what can be asked over GraphQL
    Schema(schema::Schema),
    /// Hold the engine against cases of the States Language
    Conformance(conformance::Conformance),
}

/// What a command needs of the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: it works without one.
    Nothing,
    /// To make it, or to keep it open.
    Itself,
    /// To read it, also while something else writes.
    Reading,
    /// To write it, alone or through the server that has it open.
    Writing,
}

impl Command {
    /// What the command needs of the data directory.
    pub(crate) fn need(&self) -> Need {
        match self {
            Self::Release(_) | Self::Definition(_) | Self::Schema(_) | Self::Conformance(_) => Need::Nothing,
            Self::Demo(_) | Self::Serve(_) | Self::Init(_) | Self::Config(_) | Self::Restore(_) => Need::Itself,
            Self::Source(_) | Self::Submit(_) | Self::Download(_) | Self::Backup(_) | Self::Mail(_) => Need::Writing,
            Self::Audit(_) => Need::Reading,
            Self::Check(command) => command.need(),
            Self::Request(command) => command.need(),
            Self::Policy(command) => command.need(),
            Self::Person(command) => command.need(),
            Self::Key(command) => command.need(),
            Self::Quarantine(command) => command.need(),
            Self::Outbox(command) => command.need(),
            Self::Deadline(command) => command.need(),
        }
    }

    /// Runs a command that needs an open house.
    pub(crate) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Source(command) => command.run(desk, output).await,
            Self::Submit(command) => command.run(desk, output).await,
            Self::Request(command) => command.run(desk, output).await,
            Self::Download(command) => command.run(desk, output).await,
            Self::Policy(command) => command.run(desk, output).await,
            Self::Person(command) => command.run(desk, output).await,
            Self::Key(command) => command.run(desk, output).await,
            Self::Quarantine(command) => command.run(desk, output).await,
            Self::Outbox(command) => command.run(desk, output).await,
            Self::Deadline(command) => command.run(desk, output).await,
            Self::Mail(command) => command.run(desk, output).await,
            Self::Audit(command) => command.run(desk, output).await,
            Self::Backup(command) => command.run(desk, output).await,
            Self::Check(command) => command.run(desk, output).await,
            _ => Err(Failure::usage("This command cannot be sent to a server. Nothing was changed.")),
        }
    }

    /// Runs a command that opens the house itself.
    pub(crate) async fn run_itself(&self, dir: &Path, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Demo(command) => command.run(dir, output).await,
            Self::Serve(command) => command.run(dir, output).await,
            Self::Init(command) => command.run(dir, output).await,
            Self::Config(command) => command.run(dir, output).await,
            Self::Restore(command) => command.run(dir, output).await,
            _ => Err(Failure::bug("a command that needs an open house was run without one")),
        }
    }

    /// Runs a command that needs no house.
    pub(crate) async fn run_alone(&self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Release(command) => command.run(output).await,
            Self::Definition(command) => command.run(output).await,
            Self::Schema(command) => command.run(output).await,
            Self::Conformance(command) => command.run(output).await,
            _ => Err(Failure::bug("a command was run without the house that it needs")),
        }
    }
}
