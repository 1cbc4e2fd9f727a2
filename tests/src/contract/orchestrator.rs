//! The contract of [`Orchestrator`], on an engine whose definition waits for one task token and then ends.

use std::sync::Arc;

use async_trait::async_trait;
use workflow::domain::id::ExecutionName;
use workflow::domain::slip::Slip;
use workflow::ports::Orchestrator;
use workflow::ports::orchestrator::Execution;

use crate::builders::request_id;

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("orchestrator.rs");

/// What the engine does with the executions that it was given.
#[async_trait]
pub trait Executions: Send + Sync {
    /// Waits until an execution waits for people, and gives the task token that its step was handed.
    async fn token(&self, name: ExecutionName) -> String;

    /// Waits until an execution has ended.
    async fn ended(&self, name: ExecutionName);

    /// How many task tokens were handed out to the steps of an execution so far.
    async fn tokens(&self, name: ExecutionName) -> usize;
}

/// The port, and the engine behind it.
pub struct Engine {
    /// The port.
    pub orchestrator: Arc<dyn Orchestrator>,
    /// The engine.
    pub executions: Arc<dyn Executions>,
}

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! orchestrator_contract {
    ($make:path) => {
        $crate::contract!(
            orchestrator,
            $make,
            [
                an_execution_goes_on_until_it_is_woken,
                an_execution_that_is_begun_again_is_the_same,
                a_token_that_is_spent_wakes_nothing,
                a_token_that_nobody_gave_out_wakes_nothing,
                a_token_wakes_its_own_execution_only,
            ]
        );
    };
}

/// People take their time.
pub async fn an_execution_goes_on_until_it_is_woken(engine: &Engine) {
    let port = &engine.orchestrator;
    assert_eq!(port.describe(name(1)).await.unwrap(), Execution::Unknown);
    begin(engine, 1).await;
    assert_eq!(port.describe(name(1)).await.unwrap(), Execution::Running);
    let token = engine.executions.token(name(1)).await;
    assert_eq!(port.describe(name(1)).await.unwrap(), Execution::Running);
    port.wake(&token).await.unwrap();
    engine.executions.ended(name(1)).await;
    assert_eq!(port.describe(name(1)).await.unwrap(), Execution::Ended);
}

/// While it runs, and when it has ended.
pub async fn an_execution_that_is_begun_again_is_the_same(engine: &Engine) {
    begin(engine, 1).await;
    begin(engine, 1).await;
    let token = engine.executions.token(name(1)).await;
    begin(engine, 1).await;
    engine.orchestrator.wake(&token).await.unwrap();
    engine.executions.ended(name(1)).await;
    begin(engine, 1).await;
    assert_eq!(engine.orchestrator.describe(name(1)).await.unwrap(), Execution::Ended);
    assert_eq!(engine.executions.tokens(name(1)).await, 1);
}

/// Two people decide at once, and each wakes.
pub async fn a_token_that_is_spent_wakes_nothing(engine: &Engine) {
    begin(engine, 1).await;
    let token = engine.executions.token(name(1)).await;
    for _ in 0..3 {
        engine.orchestrator.wake(&token).await.unwrap();
    }
    engine.executions.ended(name(1)).await;
    engine.orchestrator.wake(&token).await.unwrap();
    assert_eq!(engine.executions.tokens(name(1)).await, 1);
}

/// An old token of a house that was restored, for instance.
pub async fn a_token_that_nobody_gave_out_wakes_nothing(engine: &Engine) {
    begin(engine, 1).await;
    engine.executions.token(name(1)).await;
    for token in ["", "nonsense", "AQCEAAAAKgAAAAMAAAAAAAAAAc"] {
        engine.orchestrator.wake(token).await.unwrap();
    }
    assert_eq!(engine.orchestrator.describe(name(1)).await.unwrap(), Execution::Running);
}

/// Requests do not wake each other.
pub async fn a_token_wakes_its_own_execution_only(engine: &Engine) {
    begin(engine, 1).await;
    begin(engine, 2).await;
    let token = engine.executions.token(name(1)).await;
    engine.executions.token(name(2)).await;
    engine.orchestrator.wake(&token).await.unwrap();
    engine.executions.ended(name(1)).await;
    assert_eq!(engine.orchestrator.describe(name(2)).await.unwrap(), Execution::Running);
}

async fn begin(engine: &Engine, number: u64) {
    let slip = Slip::first(request_id(number), 1);
    engine.orchestrator.begin(name(number), &slip).await.unwrap();
}

fn name(number: u64) -> ExecutionName {
    ExecutionName { request: request_id(number), run: 1 }
}
