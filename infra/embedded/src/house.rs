//! A complete set of adapters on one data directory, with the engine running.

mod ballast;
mod changes;
mod check;
mod chores;
pub mod config;
mod error;
mod ground;
mod lock;
mod options;
mod read_only;
mod retention;
mod steps;
#[cfg(test)]
mod tests;
mod watched_clock;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, watch};
use workflow::ports::clock::{Clock as _, Held};
use workflow::ports::{Mailer, Orchestrator, PortResult, Ports};

pub use check::check;
pub use chores::sender;
pub use config::{BadConfig, Config};
pub use error::OpenError;
pub use options::{Options, PortsDecorator, StepsDecorator};
pub use read_only::ReadOnlyHouse;

use crate::backup::{self, BackupError, Taken};
use crate::database::Database;
use crate::disk::Disk;
use crate::engine::Engine;
use crate::failure::blocking;
use crate::mailer::{Smtp, way};
use crate::object_store::ObjectStore;
use crate::sealer::Keys;
use crate::{
    AccessLog, EgressStore, Intake, Outbox, OutboxFolder, People, Policies, RequestStore, Sessions, Uploads, Workers,
};
use changes::Changes;
use chores::Chores;
use ground::{
    holds_something, lay_ground, load_ballast, make_private, open_database, read_config, read_epoch, take_lock,
};
use lock::Lock;
use steps::WorkflowSteps;
use watched_clock::WatchedClock;

/// A house that is open, with its engine running. [`House::close`] stops it in order; dropped, it stops as in a crash.
#[derive(Debug)]
pub struct House {
    dir: PathBuf,
    config: Config,
    ports: Ports,
    objects: ObjectStore,
    database: Database,
    engine: Engine,
    chores: Chores,
    changes: Changes,
    backups: AsyncMutex<()>,
    clock: Arc<WatchedClock>,
    _lock: Lock,
}

impl House {
    /// Makes a data directory: configuration, keys, database. Again: what is not there yet, and nothing else. Keys that
    /// are gone are not made anew once there is a database: they have to come back from a backup.
    pub fn init(dir: &Path) -> Result<(), OpenError> {
        let unusable = |source| OpenError::Unusable { dir: dir.to_owned(), source };
        let config = dir.join("lockgate.toml");
        if !config.exists() && holds_something(dir).map_err(unusable)? {
            return Err(OpenError::Foreign(dir.to_owned()));
        }
        make_private(dir).map_err(unusable)?;
        let _lock = take_lock(dir)?;
        let disk = Disk::new(dir.join("drafts"), None).map_err(unusable)?;
        if !config.exists() {
            disk.write(&config, config::TEMPLATE.as_bytes()).map_err(unusable)?;
        }
        let keys = dir.join("keys");
        if dir.join("lockgate.db").exists() {
            // New ones would make worthless what the old ones sealed and signed.
            Keys::open(&keys).map_err(unusable)?;
        }
        Keys::create(&keys, &disk).map_err(unusable)?;
        open_database(dir)?;
        Ok(())
    }

    /// Opens a data directory, puts in order what a crash left behind, and starts the engine and the chores.
    pub async fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { dir: dir.to_owned(), source };
        let config = read_config(dir, &options)?;
        make_private(dir).map_err(unusable)?;
        let lock = take_lock(dir)?;
        let disk = Disk::new(dir.join("drafts"), options.watcher.clone()).map_err(unusable)?;
        let database = open_database(dir)?;
        let clock = WatchedClock::open(Arc::clone(&options.clock), config.clock.hold_after, &database)?;
        let options = Options { clock: clock.clone(), ..options };
        load_ballast(dir, &config, &database);
        let objects = lay_ground(dir, &config, (disk.clone(), database.clone()), &options)?;
        objects.recover().await.map_err(OpenError::Recovery)?;
        let (time, ids) = (Arc::clone(&options.clock), Arc::clone(&options.ids));
        let engine = Engine::open(database.clone(), workflow::steps::DEFINITION, time, ids).await?;
        let building = Building { dir, config: &config, disk, database: database.clone(), objects: objects.clone() };
        let plain = building.ports(Arc::new(engine.clone()), &options)?;
        let changes = Changes::default();
        let ports = options.decorate_ports(changes.decorate(plain));
        engine.start(options.decorate_steps(Arc::new(WorkflowSteps::new(ports.clone()))));
        let chores = Chores::new(ports.clone(), objects.clone(), &config, (changes.clone(), Arc::clone(&clock)))?;
        chores.watch().await;
        if options.does_chores {
            chores.start();
        }
        Ok(Self {
            dir: dir.to_owned(),
            config,
            ports,
            objects,
            database,
            engine,
            chores,
            changes,
            backups: AsyncMutex::default(),
            clock,
            _lock: lock,
        })
    }

    /// Stops in order: chores and steps come to their end, but not later than the configuration says. Tells whether
    /// all of them did; what did not goes on at the next start.
    pub async fn close(self) -> bool {
        let bound = Duration::try_from(self.config.server.stop_within).unwrap_or_default();
        self.chores.stop().await;
        let is_done = self.engine.stop(bound).await;
        if let Err(error) = self.database.fold_in().await {
            tracing::warn!(%error, "the database keeps its log beside it");
        }
        is_done
    }

    /// Returns once the house can no longer write down what happens. It is then to be ended and opened again.
    pub async fn broken(&self) {
        tokio::select! {
            () = self.engine.halted() => {}
            () = self.database.broken() => {}
        }
    }

    /// Counts commits from now on, for whoever waits for the next one.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Why deadlines are held and since when, if they are: time then brings nothing about.
    pub fn held_deadlines(&self) -> Option<Held> {
        self.clock.held()
    }

    /// Takes a backup into a folder that is not there yet, while everything goes on. With `copies` it shares no bytes
    /// with the house.
    pub async fn back_up(&self, to: &Path, copies: bool) -> Result<Taken, BackupError> {
        let Ok(_alone) = self.backups.try_lock() else { return Err(BackupError::Busy) };
        let epoch = self.database.look(read_epoch)?;
        let way = backup::Way { root: &self.dir, to, copies, epoch };
        backup::back_up(&self.objects, (&*self.ports.sealer, &*self.ports.clock), way).await
    }

    /// Copies the keys to a folder of their own, and answers the name of the signing key.
    pub async fn export_keys(&self, to: &Path) -> Result<String, BackupError> {
        let (dir, to) = (self.dir.clone(), to.to_owned());
        blocking(move || backup::export_keys(&dir, &to)).await
    }

    /// Lets deadlines pass again, once their time was given back to them. Again: nothing.
    pub async fn release_deadlines(&self) -> PortResult<()> {
        let released = self.clock.release(&self.database).await;
        released.map_err(|error| error.during("clock", "release deadlines"))
    }

    /// Does every chore once, now.
    pub async fn do_chores(&self) {
        self.chores.do_all().await;
    }

    /// The ports.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The object store, with what is no port: the source area.
    pub fn objects(&self) -> &ObjectStore {
        &self.objects
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The configuration, as it was read when the house was opened.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a server of this house takes commands.
    pub fn control_socket(dir: &Path) -> PathBuf {
        dir.join("control.sock")
    }
}

/// What ports are built from.
struct Building<'a> {
    dir: &'a Path,
    config: &'a Config,
    disk: Disk,
    database: Database,
    objects: ObjectStore,
}

impl Building<'_> {
    fn ports(self, orchestrator: Arc<dyn Orchestrator>, options: &Options) -> Result<Ports, OpenError> {
        let unusable = |source| OpenError::Unusable { dir: self.dir.to_owned(), source };
        let workers = match self.config.workers.threads {
            0 => Workers::start(),
            threads => Workers::with_threads(threads),
        };
        let epoch = self.database.look(read_epoch)?;
        let database = || self.database.clone();
        let mailer: Arc<dyn Mailer> = match way::server(&self.config.mail, self.dir, &options.environment)? {
            Some(server) => Arc::new(Smtp::new(server)),
            None => Arc::new(OutboxFolder::new(self.dir.join("outbox"), self.disk)),
        };
        let uploads = Uploads::new(self.objects.ground(), self.objects.source().clone());
        Ok(Ports {
            objects: Arc::new(self.objects),
            requests: Arc::new(RequestStore::new(database())),
            egress_stores: Arc::new(EgressStore::new(database())),
            orchestrator,
            outbox: Arc::new(Outbox::new(database())),
            mailer,
            people: Arc::new(People::new(database())),
            policies: Arc::new(Policies::new(database())),
            intake: Arc::new(Intake::new(database())),
            access_log: Arc::new(AccessLog::new(database())),
            uploads: Arc::new(uploads),
            sessions: Arc::new(Sessions::new(database())),
            sealer: Arc::new(Keys::open(&self.dir.join("keys")).map_err(unusable)?.of_epoch(epoch)),
            workers: Arc::new(workers.map_err(unusable)?),
            clock: Arc::clone(&options.clock),
            ids: Arc::clone(&options.ids),
        })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // The directory may have another house next: this one's engine must not go on beside it.
        self.engine.halt();
    }
}
