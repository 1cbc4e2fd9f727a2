mod restart;

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
