//! How many approvals a second one machine takes, and how often it flushes its disk for one.
//!
//! `cargo bench -p tests --bench approvals [REQUESTS]`. Nothing is asserted: it prints what it counted. The first part is
//! the engine alone, with the workload of a two-stage approval whose tasks do nothing; the second is the product, from
//! the notice to the released archive of one small file.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use infra_embedded::database::{Database, Mode};
use infra_embedded::engine::{Engine, StepFailure, Steps};
use serde_json::Value;
use tests::builders::{notice, request_id};
use tests::scene::{IRIS, RITA, Scene, Setting, ballot, load, prepare};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use workflow::actions;
use workflow::domain::decision::Opinion;
use workflow::domain::id::ExecutionName;
use workflow::domain::notice::Notice;
use workflow::domain::policy::Policy;
use workflow::domain::slip::Slip;
use workflow::domain::status::Status;
use workflow::ports::Orchestrator as _;

const IN_FLIGHT: u64 = 64;

fn main() {
    let requests = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(2_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        engine_alone(requests).await;
        whole_product(requests).await;
    });
}

/// Prints a line about a phase.
struct Phase {
    name: &'static str,
    began: Instant,
    flushes: u64,
}

impl Phase {
    fn begin(name: &'static str, database: &Database) -> Self {
        Self { name, began: Instant::now(), flushes: database.commits() }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
    fn end(self, count: u64, database: &Database) {
        let (wall, flushes) = (self.began.elapsed().as_secs_f64(), database.commits() - self.flushes);
        println!(
            "{:<44} {count:>6} in {wall:>7.2} s: {:>7.0}/s, {:.2} flushes each",
            self.name,
            count as f64 / wall,
            flushes as f64 / count as f64
        );
    }
}

/// Does something for every number, so many at a time.
async fn each<F: Future<Output = ()>>(count: u64, work: impl Fn(u64) -> F) {
    futures_util::stream::iter(0..count).for_each_concurrent(usize::try_from(IN_FLIGHT).ok(), work).await;
}

async fn begin(engine: Engine, number: u64) {
    let name = ExecutionName { request: request_id(number), run: 1 };
    engine.begin(name, &Slip::first(name.request, name.run)).await.unwrap();
}

const TWO_STAGES: &str = include_str!("approvals.asl.json");

/// Tasks that do nothing; tokens are published as a reviewer's page would learn of them.
struct Idle(mpsc::UnboundedSender<String>);

#[async_trait]
impl Steps for Idle {
    async fn call(&self, _: &str, payload: Value) -> Result<Value, StepFailure> {
        if let Some(token) = payload["token"].as_str() {
            let _ = self.0.send(token.to_owned());
        }
        Ok(payload["slip"].clone())
    }
}

async fn engine_alone(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("lockgate.db"), Mode::ReadWrite).unwrap();
    let clock = Arc::new(infra_embedded::Clock);
    let engine = Engine::open(database.clone(), TWO_STAGES, clock, Arc::new(infra_embedded::Ids)).await.unwrap();
    let (publish, mut published) = mpsc::unbounded_channel();
    engine.start(Arc::new(Idle(publish)));
    let phase = Phase::begin("engine alone: begun, two waits, done", &database);
    let mut calls = JoinSet::new();
    let (mut begun, mut stages_passed) = (0, 0);
    while begun < count.min(IN_FLIGHT) {
        calls.spawn(begin(engine.clone(), begun));
        begun += 1;
    }
    while stages_passed < 2 * count {
        let token = published.recv().await.unwrap();
        stages_passed += 1;
        let next = (stages_passed % 2 == 0 && begun < count).then_some(begun);
        begun += u64::from(next.is_some());
        let engine = engine.clone();
        calls.spawn(async move {
            engine.wake(&token).await.unwrap();
            if let Some(number) = next {
                begin(engine, number).await;
            }
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    engine.idle().await;
    phase.end(count, &database);
}

async fn whole_product(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = tempfile::tempdir().unwrap();
    std::fs::write(file.path().join("table.csv"), "age,count\n40-49,112\n50-59,97\n".repeat(16)).unwrap();
    prepare(folder.path(), Policy::TWO_STAGE).await;
    let mut setting = Setting::real();
    setting.options.does_chores = true;
    setting.options.clock = Arc::new(infra_embedded::Clock);
    let scene = Scene::open(folder.path(), setting).await;
    let database = scene.house.database();
    load(&scene.house, &numbered(0).0, file.path()).await;
    each(count, |number| enter(&scene, number)).await;

    let phase = Phase::begin("notices received", database);
    each(count, |number| receive(&scene, number)).await;
    phase.end(count, database);
    let phase = Phase::begin("staged, reviewers told, waiting", database);
    each(count, |number| reaches(&scene, number, 0)).await;
    phase.end(count, database);
    let phase = Phase::begin("first approvals, until the second stage waits", database);
    each(count, |number| approve(&scene, number, IRIS, 1)).await;
    phase.end(count, database);
    let phase = Phase::begin("second approvals, until released", database);
    each(count, |number| approve(&scene, number, RITA, 2)).await;
    phase.end(count, database);
    scene.house.close().await;
}

fn numbered(number: u64) -> (Notice, String) {
    notice(request_id(number), &format!("store-{number}"))
}

/// All stores are of one bucket and one folder: the platform's list is the same for all.
async fn enter(scene: &Scene, number: u64) {
    let stores = infra_embedded::EgressStore::new(scene.house.database().clone());
    stores.enter(&numbered(number).0.store).await.unwrap();
}

async fn receive(scene: &Scene, number: u64) {
    actions::receive::run(scene.ports(), numbered(number).1.as_bytes()).await.unwrap();
}

async fn approve(scene: &Scene, number: u64, address: &str, next: usize) {
    let request = scene.ports().requests.find(request_id(number)).await.unwrap().unwrap();
    let caller = scene.caller(address).await;
    let ballot = ballot(&request, Opinion::Approve);
    actions::decide::run(scene.ports(), &caller, request.id, ballot).await.unwrap();
    reaches(scene, number, next).await;
}

/// Returns once the request waits at a stage or, past the last one, is released.
async fn reaches(scene: &Scene, number: u64, stage: usize) {
    loop {
        let request = scene.ports().requests.find(request_id(number)).await.unwrap().unwrap();
        let there = match request.status {
            Status::InReview { stage: at, .. } => at == stage && request.waiting.is_some(),
            Status::Released => stage == 2,
            _ => false,
        };
        if there {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}
