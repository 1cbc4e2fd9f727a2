//! Opening the house of a data directory, and closing it in order.

use std::path::Path;

use infra_embedded::backup::{BackupError, Taken};
use infra_embedded::house::{Config, OpenError, Options};
use infra_embedded::object_store::ObjectStore;
use infra_embedded::{EgressStore, House, ReadOnlyHouse};
use tokio::sync::watch;
use workflow::ports::Ports;
use workflow::ports::clock::Held;
use workflow::ports::outbox::Drawer;

use crate::failure::{Exit, Failure};

/// How often what was set off may set off more before a command leaves the rest to the next start.
const ROUNDS: u32 = 1_000;

/// A house that is open.
pub(crate) enum Open {
    /// Whether it does its chores by itself.
    Writing(Box<House>, bool),
    Looking(Box<ReadOnlyHouse>),
}

impl Open {
    /// Opens a house to write. With `alone` nothing is done by itself but what [`Open::rest`] asks for.
    pub(crate) async fn writing(dir: &Path, alone: bool) -> Result<Self, OpenError> {
        let options = Options { does_chores: !alone, ..Options::default() };
        let house = House::open(dir, options).await?;
        Ok(Self::Writing(Box::new(house), !alone))
    }

    /// Opens a house to look, beside whatever writes to it.
    pub(crate) fn looking(dir: &Path) -> Result<Self, OpenError> {
        let house = ReadOnlyHouse::open(dir, &Options::default())?;
        Ok(Self::Looking(Box::new(house)))
    }

    pub(crate) fn ports(&self) -> &Ports {
        match self {
            Self::Writing(house, _) => house.ports(),
            Self::Looking(house) => house.ports(),
        }
    }

    /// The object store, with what is no port: the source area.
    pub(crate) fn objects(&self) -> &ObjectStore {
        match self {
            Self::Writing(house, _) => house.objects(),
            Self::Looking(house) => house.objects(),
        }
    }

    /// The upstream platform's stores, with what is no port: entering one.
    pub(crate) fn egress_stores(&self) -> Result<EgressStore, Failure> {
        match self {
            Self::Writing(house, _) => Ok(EgressStore::new(house.database().clone())),
            Self::Looking(_) => Err(Failure::bug("a store was to be entered into a house that is only looked at")),
        }
    }

    /// The data directory.
    pub(crate) fn dir(&self) -> &Path {
        match self {
            Self::Writing(house, _) => house.dir(),
            Self::Looking(house) => house.dir(),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        match self {
            Self::Writing(house, _) => house.config(),
            Self::Looking(house) => house.config(),
        }
    }

    /// Moves whenever something is committed; never in a house that is only looked at.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        match self {
            Self::Writing(house, _) => house.changes(),
            Self::Looking(_) => watch::channel(0).1,
        }
    }

    /// Takes a backup.
    pub(crate) async fn back_up(&self, to: &Path, copies: bool) -> Result<Taken, Failure> {
        match self {
            Self::Writing(house, _) => Ok(house.back_up(to, copies).await?),
            Self::Looking(_) => Err(Failure::bug("a backup was to be taken of a house that is only looked at")),
        }
    }

    /// Exports the keys, and answers the name of the signing key.
    pub(crate) async fn export_keys(&self, to: &Path) -> Result<String, Failure> {
        match self {
            Self::Writing(house, _) => Ok(house.export_keys(to).await?),
            Self::Looking(_) => Err(Failure::bug("keys were to be exported from a house that is only looked at")),
        }
    }

    /// Why deadlines are held and since when, if they are.
    pub(crate) fn held_deadlines(&self) -> Option<Held> {
        match self {
            Self::Writing(house, _) => house.held_deadlines(),
            Self::Looking(house) => house.held_deadlines(),
        }
    }

    /// Lets deadlines pass again.
    pub(crate) async fn release_deadlines(&self) -> Result<(), Failure> {
        match self {
            Self::Writing(house, _) => Ok(house.release_deadlines().await?),
            Self::Looking(_) => Err(Failure::bug("deadlines were to be released in a house that is only looked at")),
        }
    }

    /// Does every chore once, now.
    pub(crate) async fn do_chores(&self) {
        if let Self::Writing(house, _) = self {
            house.do_chores().await;
        }
    }

    /// Returns once the house can no longer write down what happens.
    pub(crate) async fn broken(&self) {
        match self {
            Self::Writing(house, _) => house.broken().await,
            Self::Looking(_) => std::future::pending().await,
        }
    }

    /// Goes on until everything waits, where nothing does so by itself.
    pub(crate) async fn rest_if_alone(&self) {
        if let Self::Writing(_, false) = self {
            self.rest().await;
        }
    }

    /// Goes on until everything waits for people or for time.
    pub(crate) async fn rest(&self) {
        let Self::Writing(house, _) = self else { return };
        for _ in 0..ROUNDS {
            house.do_chores().await;
            house.engine().idle().await;
            let due = house.ports().outbox.list(Drawer::Due, 1).await;
            let now = house.ports().clock.now();
            let is_quiet = due.is_ok_and(|due| due.iter().all(|posting| posting.next_at.is_some_and(|at| at > now)));
            if is_quiet {
                return;
            }
        }
    }

    /// Closes the house in order. What could not be done in time is done at the next start.
    pub(crate) async fn close(self) {
        if let Self::Writing(house, _) = self {
            house.close().await;
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let exit = match &error {
            OpenError::InUse { .. } | OpenError::Foreign(_) => Exit::Conflict,
            _ => Exit::Unreachable,
        };
        let code = match &error {
            OpenError::Absent(_) => "NO_DIRECTORY",
            OpenError::InUse { .. } => "IN_USE",
            OpenError::Foreign(_) => "FOREIGN_DIRECTORY",
            OpenError::Config(_) | OpenError::Sources(_) => "BAD_CONFIG",
            _ => "UNREADABLE",
        };
        Self { exit, code, sentence: sentence(&error) }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let (exit, code) = match &error {
            BackupError::Taken(_) => (Exit::Conflict, "TAKEN"),
            BackupError::Busy => (Exit::Conflict, "BUSY"),
            BackupError::Foreign { .. } => (Exit::NotFound, "NO_BACKUP"),
            BackupError::Damaged(_) => (Exit::Refused, "DAMAGED"),
            BackupError::OtherKeys(_) => (Exit::Refused, "OTHER_KEYS"),
            _ => (Exit::Unreachable, "UNREACHABLE"),
        };
        Self { exit, code, sentence: sentence(&error) }
    }
}

/// The error and everything behind it, as one sentence.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    crate::render::sentence(&text)
}
