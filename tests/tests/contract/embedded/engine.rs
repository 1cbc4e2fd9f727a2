//! The engine of one machine, with a definition that waits once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use infra_embedded::engine::{StepFailure, Steps};
use infra_embedded::{Engine, Ids};
use serde_json::Value;
use tests::contract::Subject;
use tests::contract::orchestrator::{Engine as Contracted, Executions};
use tests::world::SimClock;
use workflow::domain::id::ExecutionName;
use workflow::domain::slip::Slip;

const DEFINITION: &str = r#"{
  "StartAt": "Wait",
  "States": {
    "Wait": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "Parameters": {"FunctionName": "${WaitFunctionArn}", "Payload": {"slip.$": "$", "token.$": "$$.Task.Token"}},
      "ResultPath": null, "TimeoutSeconds": 3600, "End": true
    }
  }
}"#;

/// A step that remembers the tokens that it was handed.
#[derive(Default)]
struct Waiting {
    tokens: Mutex<HashMap<ExecutionName, Vec<String>>>,
}

impl Waiting {
    fn tokens_of(&self, name: ExecutionName) -> Vec<String> {
        self.tokens.lock().unwrap().get(&name).cloned().unwrap_or_default()
    }
}

#[async_trait]
impl Steps for Waiting {
    async fn call(&self, _function: &str, payload: Value) -> Result<Value, StepFailure> {
        let slip: Slip = serde_json::from_value(payload["slip"].clone()).unwrap();
        let name = ExecutionName { request: slip.request, run: slip.run };
        let token = payload["token"].as_str().unwrap().to_owned();
        self.tokens.lock().unwrap().entry(name).or_default().push(token);
        Ok(Value::Null)
    }
}

struct Behind {
    engine: Engine,
    steps: Arc<Waiting>,
}

#[async_trait]
impl Executions for Behind {
    async fn token(&self, name: ExecutionName) -> String {
        self.engine.idle().await;
        self.steps.tokens_of(name).pop().expect("the execution does not wait")
    }

    async fn ended(&self, _name: ExecutionName) {
        self.engine.idle().await;
    }

    async fn tokens(&self, name: ExecutionName) -> usize {
        self.steps.tokens_of(name).len()
    }
}

pub(crate) async fn engine() -> Subject<Contracted> {
    let (database, folder) = super::database();
    let engine = Engine::open(database, DEFINITION, Arc::new(SimClock::default()), Arc::new(Ids)).await.unwrap();
    let steps = Arc::new(Waiting::default());
    engine.start(steps.clone());
    let executions = Arc::new(Behind { engine: engine.clone(), steps });
    Subject::new(Arc::new(Contracted { orchestrator: Arc::new(engine), executions }), folder)
}
