//! Step Functions, with a definition that waits once.

use std::sync::Arc;
use std::time::Duration;

use crate::installation::{ACCOUNT, REGION};
use crate::{Installation, Way};
use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use infra_aws::Orchestrator;
use tests::contract::Subject;
use tests::contract::orchestrator::{Engine, Executions};
use workflow::domain::id::ExecutionName;

/// As in the product, a task is handed a token and somebody else completes it; here the queue is whom it is handed to.
const DEFINITION: &str = r#"{
  "StartAt": "Wait",
  "States": {
    "Wait": {
      "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Parameters": {"QueueUrl": "QUEUE", "MessageBody": {"token.$": "$$.Task.Token"}},
      "ResultPath": null, "TimeoutSeconds": 3600, "End": true
    }
  }
}"#;

/// As often an execution is looked at that does not get anywhere.
const PATIENCE: u32 = 20 * 60;
const MOMENT: Duration = Duration::from_millis(50);

struct Behind {
    sfn: Client,
    machine: String,
}

impl Behind {
    fn arn(&self, name: ExecutionName) -> String {
        format!("{}:{name}", self.machine.replace(":stateMachine:", ":execution:"))
    }

    /// Every token that the execution handed out, as its history tells.
    async fn handed_out(&self, name: ExecutionName) -> Vec<String> {
        let history = self.sfn.get_execution_history().execution_arn(self.arn(name)).send().await.unwrap();
        let scheduled = history.events.into_iter().filter(|event| event.r#type == HistoryEventType::TaskScheduled);
        let parameters = scheduled.filter_map(|event| event.task_scheduled_event_details).map(|task| task.parameters);
        parameters.map(|text| token_in(&serde_json::from_str(&text).unwrap())).collect()
    }

    async fn status(&self, name: ExecutionName) -> ExecutionStatus {
        self.sfn.describe_execution().execution_arn(self.arn(name)).send().await.unwrap().status
    }
}

fn token_in(parameters: &serde_json::Value) -> String {
    parameters["MessageBody"]["token"].as_str().unwrap().to_owned()
}

#[async_trait]
impl Executions for Behind {
    async fn token(&self, name: ExecutionName) -> String {
        for _ in 0..PATIENCE {
            if let Some(token) = self.handed_out(name).await.pop() {
                return token;
            }
            tokio::time::sleep(MOMENT).await;
        }
        panic!("the execution does not wait");
    }

    async fn ended(&self, name: ExecutionName) {
        for _ in 0..PATIENCE {
            if self.status(name).await != ExecutionStatus::Running {
                return;
            }
            tokio::time::sleep(MOMENT).await;
        }
        panic!("the execution does not end");
    }

    async fn tokens(&self, name: ExecutionName) -> usize {
        self.handed_out(name).await.len()
    }
}

/// The engine, and what it does.
pub async fn engine(way: Way) -> Subject<Engine> {
    let mut installation = Installation::of_services(way).await;
    let sfn = installation.straight.sfn.clone();
    let queue = installation.make_queue("tokens").await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/lockgate");
    let call = sfn.create_state_machine().name("lockgate").definition(DEFINITION.replace("QUEUE", &queue));
    let made = call.role_arn(role).send().await.unwrap();
    assert!(made.state_machine_arn.contains(REGION));
    installation.settings.state_machine.clone_from(&made.state_machine_arn);
    let orchestrator = Arc::new(Orchestrator::new(&installation.settings, &installation.clients));
    let executions = Arc::new(Behind { sfn, machine: made.state_machine_arn });
    Subject::new(Arc::new(Engine { orchestrator, executions }), installation)
}
