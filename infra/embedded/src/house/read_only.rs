//! A house for commands that look, beside a server or without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use workflow::domain::id::ExecutionName;
use workflow::domain::slip::Slip;
use workflow::ports::clock::{Clock as _, Held};
use workflow::ports::orchestrator::Execution;
use workflow::ports::{Kind, Orchestrator, PortError, PortResult, Ports};

use super::watched_clock::WatchedClock;
use super::{Building, Config, OpenError, Options, lay_ground, read_config};
use crate::database::{Database, Mode};
use crate::disk::Disk;
use crate::engine::Journal;
use crate::object_store::ObjectStore;

/// A house that is only looked at, whether a server runs or not. Whatever would change it is refused.
#[derive(Debug)]
pub struct ReadOnlyHouse {
    dir: PathBuf,
    config: Config,
    ports: Ports,
    objects: ObjectStore,
    clock: Arc<WatchedClock>,
}

impl ReadOnlyHouse {
    /// Opens a data directory without its lock.
    pub fn open(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let config = read_config(dir, options)?;
        let disk = Disk::looking(dir.join("drafts"));
        let database = Database::open(&dir.join("lockgate.db"), Mode::ReadOnly)?;
        // It believes the clock as far as whoever writes does.
        let clock = WatchedClock::open(Arc::clone(&options.clock), SignedDuration::ZERO, &database)?;
        let options = &Options { clock: clock.clone(), ..options.clone() };
        let objects = lay_ground(dir, &config, (disk.clone(), database.clone()), options)?;
        let orchestrator = Arc::new(LooksOnly(Journal::new(database.clone())));
        let building = Building { dir, config: &config, disk, database, objects: objects.clone() };
        let ports = building.ports(orchestrator, options)?;
        Ok(Self { dir: dir.to_owned(), config, ports, objects, clock })
    }

    /// Why deadlines are held and since when, if that is on record.
    pub fn held_deadlines(&self) -> Option<Held> {
        self.clock.held()
    }

    /// The ports.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The object store.
    pub fn objects(&self) -> &ObjectStore {
        &self.objects
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }
}

/// Tells how executions stand, and runs none.
struct LooksOnly(Journal);

#[async_trait]
impl Orchestrator for LooksOnly {
    async fn begin(&self, _name: ExecutionName, _slip: &Slip) -> PortResult<()> {
        Err(PortError::new("orchestrator", "begin an execution in a house that is only looked at", Kind::Denied))
    }

    async fn wake(&self, _token: &str) -> PortResult<()> {
        Err(PortError::new("orchestrator", "wake an execution in a house that is only looked at", Kind::Denied))
    }

    async fn describe(&self, name: ExecutionName) -> PortResult<Execution> {
        self.0.describe(name).await.map_err(|error| error.during("orchestrator", "describe an execution"))
    }
}
