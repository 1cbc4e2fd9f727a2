use std::collections::HashMap as Map;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;
use uuid::Uuid;
use workflow::domain::id::RequestId;
use workflow::ports::Orchestrator as _;

use super::*;
use crate::database::Mode;

const DEFINITION: &str = r#"{
  "StartAt": "Work",
  "States": {
    "Work": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${WorkFunctionArn}", "Payload": {"slip.$": "$"}},
      "OutputPath": "$.Payload",
      "Retry": [{"ErrorEquals": ["Lockgate.Transient"], "IntervalSeconds": 60, "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["Lockgate.Panicked"], "ResultPath": "$.failure", "Next": "Mourn"}],
      "Next": "Wait"
    },
    "Wait": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "Parameters": {"FunctionName": "${WaitFunctionArn}", "Payload": {"slip.$": "$", "token.$": "$$.Task.Token"}},
      "ResultPath": null, "TimeoutSeconds": 3600,
      "Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": null, "Next": "Mourn"}],
      "Next": "Tell"
    },
    "Mourn": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${MournFunctionArn}", "Payload": {"slip.$": "$"}}, "End": true
    },
    "Tell": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${TellFunctionArn}", "Payload": {"slip.$": "$"}}, "End": true
    }
  }
}"#;

/// A clock that is moved by hand.
#[derive(Default)]
struct HandClock(AtomicI64);

impl HandClock {
    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Steps that do as they are told, and remember what they were called with.
#[derive(Default)]
struct Told {
    failing: Mutex<Map<String, Vec<&'static str>>>,
    called: Mutex<Vec<String>>,
    tokens: Mutex<Map<String, String>>,
    held: Option<Arc<Notify>>,
    running: AtomicUsize,
}

impl Told {
    fn fails(step: &str, errors: &[&'static str]) -> Arc<Self> {
        let told = Self::default();
        told.failing.lock().unwrap().insert(step.to_owned(), errors.to_vec());
        Arc::new(told)
    }

    fn called(&self) -> Vec<String> {
        self.called.lock().unwrap().clone()
    }

    fn token(&self, name: ExecutionName) -> String {
        self.tokens.lock().unwrap()[&name.request.to_string()].clone()
    }
}

#[async_trait]
impl Steps for Told {
    async fn call(&self, function: &str, payload: Value) -> Result<Value, StepFailure> {
        self.called.lock().unwrap().push(function.to_owned());
        if let Some(token) = payload["token"].as_str() {
            let request = payload["slip"]["request"].as_str().unwrap().to_owned();
            self.tokens.lock().unwrap().insert(request, token.to_owned());
        }
        if let Some(held) = &self.held {
            self.running.fetch_add(1, Ordering::SeqCst);
            held.notified().await;
        }
        let failure = self.failing.lock().unwrap().get_mut(function).and_then(Vec::pop);
        match failure {
            Some("panic") => panic!("on purpose"),
            Some(error) => Err(StepFailure { error: error.to_owned(), cause: "as told".to_owned() }),
            None => Ok(payload["slip"].clone()),
        }
    }
}

struct World {
    folder: tempfile::TempDir,
    clock: Arc<HandClock>,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::default() }
    }

    fn database(&self) -> Database {
        Database::open(&self.folder.path().join("lockgate.db"), Mode::ReadWrite).unwrap()
    }

    async fn open(&self) -> Engine {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Engine::open(self.database(), DEFINITION, clock, Arc::new(crate::ids::Ids)).await.unwrap()
    }

    async fn start(&self, steps: &Arc<Told>) -> Engine {
        let engine = self.open().await;
        engine.start(steps.clone());
        engine
    }
}

fn name(number: u128) -> ExecutionName {
    ExecutionName { request: RequestId::new(Uuid::from_u128(number)), run: 1 }
}

async fn begin(engine: &Engine, number: u128) -> ExecutionName {
    let name = name(number);
    engine.begin(name, &Slip::first(name.request, name.run)).await.unwrap();
    name
}

fn events_in(path: &Path) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_execution_waits_for_its_token_and_then_ends() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let engine = world.start(&steps).await;
    let name = begin(&engine, 1).await;
    engine.idle().await;
    assert_eq!(steps.called(), ["Work", "Wait"]);
    assert_eq!(engine.describe(name).await.unwrap(), Standing::Running);
    let token = steps.token(name);
    engine.wake("another token").await.unwrap();
    engine.wake(&token).await.unwrap();
    engine.idle().await;
    assert_eq!(steps.called(), ["Work", "Wait", "Tell"]);
    assert_eq!(engine.describe(name).await.unwrap(), Standing::Ended);
    engine.wake(&token).await.unwrap();
    engine.begin(name, &Slip::first(name.request, 1)).await.unwrap();
    engine.idle().await;
    assert_eq!(steps.called().len(), 3);
    assert_eq!((engine.open_executions(), engine.next_due()), (0, None));
    assert!(engine.core.tokens().is_empty());
    assert_eq!(events_in(&world.folder.path().join("lockgate.db")), 0);
    assert_eq!(engine.describe(self::name(9)).await.unwrap(), Standing::Unknown);
}

#[tokio::test]
async fn a_name_that_is_begun_twice_at_once_begins_once() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let engine = world.start(&steps).await;
    tokio::join!(begin(&engine, 1), begin(&engine, 1), begin(&engine, 1));
    engine.idle().await;
    assert_eq!(steps.called(), ["Work", "Wait"]);
}

#[tokio::test]
async fn a_wait_survives_a_restart_with_its_token_and_its_deadline() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let (woken, expired) = (name(1), name(2));
    let before = world.start(&steps).await;
    begin(&before, 1).await;
    begin(&before, 2).await;
    before.idle().await;
    assert!(before.stop(Duration::from_secs(5)).await);
    drop(before);

    let engine = world.start(&steps).await;
    engine.idle().await;
    assert_eq!(steps.called().len(), 4, "nothing that was answered is asked for again");
    engine.wake(&steps.token(woken)).await.unwrap();
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Tell");
    world.clock.advance(3_599);
    engine.tick();
    engine.idle().await;
    assert_eq!(engine.describe(expired).await.unwrap(), Standing::Running);
    world.clock.advance(1);
    engine.tick();
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Mourn");
    assert_eq!(engine.describe(expired).await.unwrap(), Standing::Ended);
}

#[tokio::test]
async fn what_was_not_answered_is_asked_for_again_after_a_restart() {
    let world = World::new();
    let held = Arc::new(Told { held: Some(Arc::default()), ..Told::default() });
    let before = world.start(&held).await;
    let name = begin(&before, 1).await;
    while held.running.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!before.stop(Duration::from_millis(1)).await, "a step runs");

    let steps = Arc::new(Told::default());
    let engine = world.start(&steps).await;
    engine.idle().await;
    assert_eq!(steps.called(), ["Work", "Wait"]);
    engine.wake(&steps.token(name)).await.unwrap();
    engine.idle().await;
    assert_eq!(engine.describe(name).await.unwrap(), Standing::Ended);
}

#[tokio::test]
async fn a_retry_waits_for_its_time() {
    let (world, steps) = (World::new(), Told::fails("Work", &["Lockgate.Transient", "Lockgate.Transient"]));
    let engine = world.start(&steps).await;
    begin(&engine, 1).await;
    for calls in [1, 2, 4] {
        engine.idle().await;
        assert_eq!(steps.called().len(), calls);
        world.clock.advance(120);
        engine.tick();
    }
}

#[tokio::test]
async fn a_panic_is_the_failure_of_its_step_and_of_nothing_else() {
    let (world, steps) = (World::new(), Told::fails("Work", &["panic"]));
    let engine = world.start(&steps).await;
    begin(&engine, 1).await;
    engine.idle().await;
    assert_eq!(steps.called(), ["Work", "Mourn"]);
    begin(&engine, 2).await;
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Wait");
}

#[tokio::test]
async fn a_damaged_journal_is_named_and_stops_nobody_else() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let before = world.start(&steps).await;
    begin(&before, 1).await;
    begin(&before, 2).await;
    before.idle().await;
    drop(before);
    let database = world.database();
    let damage = |c: &rusqlite::Connection| Ok(c.execute("UPDATE journal SET event = '{}' WHERE execution = 1", [])?);
    database.write(damage).await.unwrap();
    let engine = world.start(&steps).await;
    assert_eq!(engine.damaged().iter().map(|(name, _)| *name).collect::<Vec<_>>(), [name(1)]);
    engine.wake(&steps.token(name(2))).await.unwrap();
    engine.idle().await;
    assert_eq!(engine.describe(name(2)).await.unwrap(), Standing::Ended);
}

#[tokio::test]
async fn an_execution_goes_on_with_the_definition_that_it_began_with() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let before = world.start(&steps).await;
    let name = begin(&before, 1).await;
    before.idle().await;
    drop(before);
    let newer = DEFINITION.replace("Tell", "Shout");
    let clock: Arc<dyn Clock> = world.clock.clone();
    let engine = Engine::open(world.database(), &newer, clock, Arc::new(crate::ids::Ids)).await.unwrap();
    engine.start(steps.clone());
    engine.wake(&steps.token(name)).await.unwrap();
    engine.idle().await;
    assert_eq!(steps.called().last().unwrap(), "Tell");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn executions_that_run_at_once_share_flushes() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let engine = world.start(&steps).await;
    let database = engine.core.journal.database().clone();
    let before = database.commits();
    futures_util::future::join_all((0..400).map(|number| begin(&engine, number))).await;
    engine.idle().await;
    assert_eq!((engine.open_executions(), steps.called().len()), (400, 800));
    let events = 3 * 400;
    assert!(database.commits() - before < events / 4, "{} flushes", database.commits() - before);
}

#[tokio::test]
async fn a_definition_that_cannot_be_run_is_refused_with_the_place() {
    let world = World::new();
    let clock: Arc<dyn Clock> = world.clock.clone();
    let broken = DEFINITION.replace("\"Next\": \"Tell\"", "\"Next\": \"Nowhere\"");
    let refusal = Engine::open(world.database(), &broken, clock, Arc::new(crate::ids::Ids)).await.unwrap_err();
    assert!(refusal.to_string().contains("/States/Wait/Next"), "{refusal}");
}

#[tokio::test]
async fn events_of_one_execution_are_told_apart_although_the_clock_stands_still_or_goes_back() {
    let (world, steps) = (World::new(), Arc::new(Told::default()));
    let engine = world.start(&steps).await;
    let name = begin(&engine, 1).await;
    engine.idle().await;
    let last_at = {
        let execution = engine.core.execution(name).unwrap();
        let execution = execution.lock().await;
        execution.instant(Timestamp::MIN)
    };
    assert!(last_at > world.clock.now());
    world.clock.advance(-7_200);
    drop(engine);
    let engine = world.start(&steps).await;
    let execution = engine.core.execution(name).unwrap();
    assert_eq!(execution.lock().await.instant(world.clock.now()), last_at);
}
