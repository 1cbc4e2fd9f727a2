//! A complete set of adapters on one data directory, with the engine running.

mod ballast;
mod check;
mod chores;
pub mod config;
mod error;
mod lock;
mod options;
mod read_only;
mod steps;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use workflow::ports::{Mailer, Orchestrator, Ports};

pub use check::check;
pub use chores::sender;
pub use config::{BadConfig, Config};
pub use error::OpenError;
pub use options::{Options, PortsDecorator, StepsDecorator};
pub use read_only::ReadOnlyHouse;

use crate::database::{Database, Mode};
use crate::disk::Disk;
use crate::engine::Engine;
use crate::mailer::{Smtp, way};
use crate::object_store::{Ground, ObjectStore};
use crate::sealer::Keys;
use crate::source::{Mapped, SourceArea};
use crate::{
    AccessLog, EgressStore, Intake, Outbox, OutboxFolder, People, Policies, RequestStore, Sessions, Uploads, Workers,
};
use ballast::Ballast;
use chores::Chores;
use lock::{Lock, Taken};
use steps::WorkflowSteps;

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
        load_ballast(dir, &config, &database);
        let objects = lay_ground(dir, &config, (disk.clone(), database.clone()), &options)?;
        objects.recover().await.map_err(OpenError::Recovery)?;
        let (clock, ids) = (Arc::clone(&options.clock), Arc::clone(&options.ids));
        let engine = Engine::open(database.clone(), workflow::steps::DEFINITION, clock, ids).await?;
        let building = Building { dir, config: &config, disk, database: database.clone(), objects: objects.clone() };
        let plain = building.ports(Arc::new(engine.clone()), &options)?;
        let nudged = chores::Nudge::default();
        let ports = options.decorate_ports(nudged.decorate(plain));
        engine.start(options.decorate_steps(Arc::new(WorkflowSteps::new(ports.clone()))));
        let chores = Chores::new(ports.clone(), objects.clone(), &config, nudged)?;
        if options.does_chores {
            chores.start();
        }
        Ok(Self { dir: dir.to_owned(), config, ports, objects, database, engine, chores, _lock: lock })
    }

    /// Stops in order: chores and steps come to their end, but not later than the configuration says. Tells whether
    /// all of them did; what did not goes on at the next start.
    pub async fn close(self) -> bool {
        let bound = Duration::try_from(self.config.server.stop_within).unwrap_or_default();
        self.chores.stop().await;
        self.engine.stop(bound).await
    }

    /// Returns once the house can no longer write down what happens. It is then to be ended and opened again.
    pub async fn broken(&self) {
        tokio::select! {
            () = self.engine.halted() => {}
            () = self.database.broken() => {}
        }
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
            sealer: Arc::new(Keys::open(&self.dir.join("keys")).map_err(unusable)?),
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

fn lay_ground(
    dir: &Path,
    config: &Config,
    (disk, database): (Disk, Database),
    options: &Options,
) -> Result<ObjectStore, OpenError> {
    let ground = Ground {
        root: dir.to_owned(),
        disk,
        database,
        clock: Arc::clone(&options.clock),
        ids: Arc::clone(&options.ids),
        keep_free: u64::from(config.disk.keep_free) << 20,
    };
    let source = SourceArea::new(ground.clone(), Mapped::read(&dir.join("sources.toml"))?);
    Ok(ObjectStore::new(ground, source))
}

fn read_config(dir: &Path, options: &Options) -> Result<Config, OpenError> {
    let path = dir.join("lockgate.toml");
    if !path.exists() {
        return Err(OpenError::Absent(dir.to_owned()));
    }
    Ok(Config::read(&path, options.environment.clone())?)
}

fn take_lock(dir: &Path) -> Result<Lock, OpenError> {
    Lock::take(&dir.join("lock")).map_err(|taken| match taken {
        Taken::By(pid) => OpenError::InUse { dir: dir.to_owned(), pid },
        Taken::Failed(source) => OpenError::Unusable { dir: dir.to_owned(), source },
    })
}

/// Opens the database. The file is made first, so that it is for its owner alone from the beginning; `SQLite` gives the
/// files beside it the same mode.
fn open_database(dir: &Path) -> Result<Database, OpenError> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = dir.join("lockgate.db");
    let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    made.map_err(|source| OpenError::Unusable { dir: dir.to_owned(), source })?;
    Ok(Database::open(&path, Mode::ReadWrite)?)
}

fn load_ballast(dir: &Path, config: &Config, database: &Database) {
    let ballast = Ballast::new(&dir.join("ballast"), u64::from(config.disk.ballast) << 20);
    if let Err(error) = ballast.load() {
        tracing::warn!(%error, "there is no room for the ballast: make some on the disk");
    }
    database.when_full(move || ballast.drop_overboard());
}

fn holds_something(dir: &Path) -> io::Result<bool> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(dir)?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}
