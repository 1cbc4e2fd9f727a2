//! The writer: one thread, one connection, and one flush for all jobs that wait at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot, watch};

use super::Error;

/// So many jobs wait before whoever brings the next one has to wait for a place.
const QUEUE: usize = 1_024;
/// So many jobs share a flush at most: it bounds what one failure can put in doubt.
const GROUP: usize = 256;

pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// What the thread and its house both look at.
struct Shared {
    commits: AtomicU64,
    broken: watch::Sender<bool>,
    make_room: Mutex<Box<dyn Fn() + Send>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, std::io::Error> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared {
            commits: AtomicU64::new(0),
            broken: watch::Sender::new(false),
            make_room: Mutex::new(Box::new(|| {})),
        });
        let thread = Thread { connection, shared: Arc::clone(&shared) };
        let thread = std::thread::Builder::new().name("database".into()).spawn(move || thread.work(receiver))?;
        Ok(Self { jobs: Some(sender), thread: Some(thread), shared })
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let Some(jobs) = &self.jobs else { return Err(Error::Broken) };
        let waiting = Waiting { job: Some(job), result: None, reply };
        jobs.send(Box::new(waiting)).await.map_err(|_| Error::Broken)?;
        answer.await.unwrap_or(Err(Error::Bug))
    }

    pub(super) fn commits(&self) -> u64 {
        self.shared.commits.load(Ordering::Relaxed)
    }

    pub(super) fn is_broken(&self) -> bool {
        *self.shared.broken.borrow()
    }

    pub(super) async fn broken(&self) {
        // The sender lives as long as `self`, so the wait ends only when the writer is broken.
        let _ = self.shared.broken.subscribe().wait_for(|broken| *broken).await;
    }

    pub(super) fn when_full(&self, make_room: Box<dyn Fn() + Send>) {
        *self.shared.make_room.lock().unwrap_or_else(PoisonError::into_inner) = make_room;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without senders the thread finishes what it was handed, and ends.
        self.jobs = None;
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// A job with whoever waits for it.
trait Job: Send {
    /// Runs the job, once.
    fn run(&mut self, connection: &Connection) -> Ran;
    /// Answers with the job's result, or with the error that overtook it.
    fn answer(self: Box<Self>, overtaken: Option<Error>);
}

/// What became of a job by itself.
enum Ran {
    Kept,
    /// It gave an error: the database's, if it was one.
    Dropped(Option<rusqlite::ffi::Error>),
}

struct Waiting<T, F> {
    job: Option<F>,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Error> + Send,
{
    fn run(&mut self, connection: &Connection) -> Ran {
        let Some(job) = self.job.take() else { return Ran::Dropped(None) };
        // A bug in one job must not take the writer from all others.
        let result = catch_unwind(AssertUnwindSafe(|| job(connection))).unwrap_or(Err(Error::Bug));
        let ran = match &result {
            Ok(_) => Ran::Kept,
            Err(Error::Sqlite(error)) => Ran::Dropped(error.sqlite_error().copied()),
            Err(_) => Ran::Dropped(None),
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, overtaken: Option<Error>) {
        let Waiting { result, reply, .. } = *self;
        let answer = overtaken.map_or_else(|| result.unwrap_or(Err(Error::Bug)), Err);
        // Whoever waited may have gone.
        let _ = reply.send(answer);
    }
}

struct Thread {
    connection: Connection,
    shared: Arc<Shared>,
}

impl Thread {
    fn work(self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::with_capacity(GROUP);
        while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
            if *self.shared.broken.borrow() {
                group.drain(..).for_each(|job| job.answer(Some(Error::Broken)));
            } else {
                self.commit_group(&mut group);
            }
        }
    }

    fn commit_group(&self, group: &mut Vec<Box<dyn Job>>) {
        let outcome = self.run_group(group);
        if let Err(failure) = &outcome {
            self.recover(failure);
        }
        for job in group.drain(..) {
            job.answer(outcome.as_ref().err().map(Failure::as_error));
        }
    }

    fn run_group(&self, group: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let before = self.connection.total_changes();
        self.execute("BEGIN IMMEDIATE").map_err(Failure::before)?;
        for job in group {
            self.run_one(job.as_mut()).map_err(Failure::of)?;
        }
        self.execute("COMMIT").map_err(Failure::of)?;
        if self.connection.total_changes() != before {
            self.shared.commits.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn run_one(&self, job: &mut dyn Job) -> Result<(), rusqlite::Error> {
        self.execute("SAVEPOINT job")?;
        if let Ran::Dropped(error) = job.run(&self.connection) {
            self.drop_one(error)?;
        }
        self.execute("RELEASE job")
    }

    /// Takes back what one job wrote. Some errors have taken back the whole transaction already: then the group fails.
    fn drop_one(&self, error: Option<rusqlite::ffi::Error>) -> Result<(), rusqlite::Error> {
        if let Some(error) = error.map(|error| rusqlite::Error::SqliteFailure(error, None)) {
            if self.connection.is_autocommit() {
                return Err(error);
            }
            if is_full(&error) {
                self.make_room();
            }
        }
        self.execute("ROLLBACK TO job")
    }

    fn execute(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }

    fn make_room(&self) {
        (self.shared.make_room.lock().unwrap_or_else(PoisonError::into_inner))();
    }

    /// Leaves the connection without a transaction, and the house without a writer whose word is worth nothing.
    fn recover(&self, failure: &Failure) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        match failure.then {
            Then::GoOn => {}
            Then::MakeRoom => self.make_room(),
            Then::Stop => {
                tracing::error!(error = %failure.error, "the database could not be flushed: writing has stopped");
                self.shared.broken.send_replace(true);
            }
        }
    }
}

/// Why a whole group has no result.
struct Failure {
    error: Arc<rusqlite::Error>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    MakeRoom,
    Stop,
}

impl Failure {
    /// The transaction did not begin, so nothing was touched.
    fn before(error: rusqlite::Error) -> Self {
        let then = if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) { Then::GoOn } else { Then::Stop };
        Self { error: Arc::new(error), then }
    }

    /// The transaction failed on its way. A full disk is no reason to stop: the pages that do not fit were not taken.
    fn of(error: rusqlite::Error) -> Self {
        let then = if is_full(&error) { Then::MakeRoom } else { Then::Stop };
        Self { error: Arc::new(error), then }
    }

    fn as_error(&self) -> Error {
        Error::Unknown(Arc::clone(&self.error))
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}
