//! The engine: journals what happens to each execution, asks its machine what follows, and does that.
//!
//! INVARIANT: nothing is done about an event before the event is durable. What is done may be done twice, because a
//! crash can come before its result was written down: that is why steps are idempotent and fenced.

mod activity;
mod definition;
mod drive;
mod execution;
mod journal;
mod steps;
#[cfg(test)]
mod tests;
mod timer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use infra_asl::{Definition, Effect};
use tokio::sync::{Mutex as AsyncMutex, Semaphore, watch};
use workflow::domain::id::ExecutionName;
use workflow::domain::slip::Slip;
use workflow::ports::orchestrator::Execution as Standing;
use workflow::ports::{self, Clock, Ids, Kind, PortError, PortResult};

pub use definition::BadDefinition;
pub use steps::{PANICKED, StepFailure, Steps};

use crate::database::{Database, Error};
use activity::Activity;
use execution::Execution;
pub(crate) use journal::Journal;
use timer::Timers;

/// So many steps run at once; more wait for their turn.
const CALLS_AT_ONCE: usize = 256;

/// Why an engine cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The definition is not one that the engine can run.
    #[error(transparent)]
    Definition(#[from] BadDefinition),
    /// The journal cannot be read.
    #[error("the journal of the executions cannot be read")]
    Journal(#[from] Error),
}

/// How far the engine still goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Course {
    /// It does everything.
    Running,
    /// It takes in what happens, and begins nothing.
    Stopping,
    /// It does nothing: what it would write down might be lost.
    Halted,
}

type Shared = Arc<AsyncMutex<Execution>>;

/// Runs executions of the definition. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    core: Arc<Core>,
}

struct Core {
    journal: Journal,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    definition: Arc<Definition>,
    digest: String,
    steps: OnceLock<Arc<dyn Steps>>,
    executions: Mutex<HashMap<ExecutionName, Shared>>,
    tokens: Mutex<HashMap<Arc<str>, ExecutionName>>,
    timers: Timers,
    activity: Activity,
    calls: Semaphore,
    course: watch::Sender<Course>,
    damaged: Vec<(ExecutionName, String)>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("open_executions", &self.open_executions()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Loads the executions that are not over. Nothing runs before [`Engine::start`].
    ///
    /// An execution goes on with the definition that it began with, also when a later release brings another one.
    pub async fn open(
        database: Database,
        text: &str,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, OpenError> {
        let bound = definition::bind(text)?;
        let definition = definition::parse(&bound)?;
        let journal = Journal::new(database);
        let digest = journal.keep_definition(&bound).await?;
        let known = HashMap::from([(digest.clone(), Arc::clone(&definition))]);
        let loaded = journal.load(known).await?;
        let core = Core {
            journal,
            clock,
            ids,
            definition,
            digest,
            steps: OnceLock::new(),
            executions: Mutex::default(),
            tokens: Mutex::default(),
            timers: Timers::default(),
            activity: Activity::default(),
            calls: Semaphore::new(CALLS_AT_ONCE),
            course: watch::Sender::new(Course::Running),
            damaged: loaded.damaged,
        };
        for execution in loaded.executions {
            core.take_up(execution);
        }
        Ok(Self { core: Arc::new(core) })
    }

    /// Begins to run: asks again for whatever was asked for and not answered, and looks after the timers. Again: nothing.
    pub fn start(&self, steps: Arc<dyn Steps>) {
        if self.core.steps.set(steps).is_err() {
            return;
        }
        let open: Vec<Shared> = self.core.executions().values().cloned().collect();
        for execution in open {
            drive::resume(&self.core, execution);
        }
        tokio::spawn(timer::look_after(Arc::downgrade(&self.core)));
    }

    /// Stops: no step is begun any more, and those that run are waited for, but not longer than `bound`. Tells whether
    /// all of them came to their end; the others are asked for again at the next start.
    pub async fn stop(&self, bound: Duration) -> bool {
        self.core.set_course(Course::Stopping);
        self.core.timers.wake();
        tokio::time::timeout(bound, self.core.activity.idle()).await.is_ok()
    }

    /// Does nothing any more from now on, as if the machine had stopped: what steps that run still answer is lost, and
    /// they are asked for again at the next start.
    pub fn halt(&self) {
        self.core.set_course(Course::Halted);
        self.core.timers.wake();
    }

    /// Fires the timers that are due by the clock, at once. Whoever moves a clock by hand calls this.
    pub fn tick(&self) {
        drive::fire_due(&self.core);
    }

    /// Waits until no step runs and nothing is left to be done before time or somebody outside asks for more.
    pub async fn idle(&self) {
        self.core.activity.idle().await;
    }

    /// Counts the executions that are not over.
    pub fn open_executions(&self) -> usize {
        self.core.executions().len()
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Option<jiff::Timestamp> {
        self.core.timers.next()
    }

    /// The executions whose journal cannot be understood, each with the reason: an operator has to look at them.
    pub fn damaged(&self) -> &[(ExecutionName, String)] {
        &self.core.damaged
    }

    /// Returns once the engine does nothing any more, because the database failed or somebody halted it.
    pub async fn halted(&self) {
        // The sender lives as long as `self`, so the wait ends only when the engine is halted.
        let _ = self.core.course.subscribe().wait_for(|course| *course == Course::Halted).await;
    }
}

impl Core {
    fn executions(&self) -> MutexGuard<'_, HashMap<ExecutionName, Shared>> {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<Arc<str>, ExecutionName>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn execution(&self, name: ExecutionName) -> Option<Shared> {
        self.executions().get(&name).cloned()
    }

    fn course(&self) -> Course {
        *self.course.borrow()
    }

    /// There is no way back to an earlier course.
    fn set_course(&self, course: Course) {
        self.course.send_if_modified(|now| {
            let is_new = course > *now;
            *now = course.max(*now);
            is_new
        });
    }

    /// Enters an execution that was loaded, with its timers and its token.
    fn take_up(&self, mut execution: Execution) {
        let name = execution.name();
        let (effects, tokens) = (execution.machine().outstanding(), execution.machine().tokens());
        // The tokens come from the machine alone: of a task that was handed out, no effect speaks any more.
        let timers: Vec<_> = effects.into_iter().filter(|effect| !matches!(effect, Effect::Invoke(_))).collect();
        execution.note(self, &timers);
        for token in &tokens {
            execution.note_token(self, token);
        }
        self.executions().insert(name, Arc::new(AsyncMutex::new(execution)));
    }
}

pub(crate) fn failed(operation: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PortError {
    PortError::new("orchestrator", operation, Kind::Transient).because(source)
}

#[async_trait]
impl ports::Orchestrator for Engine {
    async fn begin(&self, name: ExecutionName, slip: &Slip) -> PortResult<()> {
        let input = serde_json::to_value(slip).map_err(|error| failed("begin an execution", error))?;
        drive::begin(&self.core, name, input).await
    }

    async fn wake(&self, token: &str) -> PortResult<()> {
        drive::wake(&self.core, token).await
    }

    async fn describe(&self, name: ExecutionName) -> PortResult<Standing> {
        if let Some(execution) = self.core.execution(name) {
            // One that is about to begin is known once that is durable.
            if execution.lock().await.has_begun() && self.core.execution(name).is_some() {
                return Ok(Standing::Running);
            }
        }
        // Nobody can go on with a journal that cannot be understood: the sweep is to put its request on the operators'
        // list.
        if self.core.damaged.iter().any(|(damaged, _)| *damaged == name) {
            return Ok(Standing::Ended);
        }
        let stands = self.core.journal.describe(name).await;
        stands.map_err(|error| error.during("orchestrator", "describe an execution"))
    }
}
