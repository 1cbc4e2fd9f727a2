//! Executions of the definition by Step Functions.

use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::{ExecutionStatus, IncludedData};
use workflow::domain::id::ExecutionName;
use workflow::domain::slip::Slip;
use workflow::ports::PortResult;
use workflow::ports::orchestrator::{self as port, Execution};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome};
use crate::row::to_json;
use crate::settings::Settings;

const PORT: &str = "Orchestrator";
/// What the service says of a token that wakes nothing: spent, timed out, of an ended execution, or none of its own.
const SPENT: [&str; 4] = ["InvalidToken", "TaskTimedOut", "TaskDoesNotExist", "ValidationException"];

/// The state machine of an installation.
#[derive(Debug, Clone)]
pub struct Orchestrator {
    client: Client,
    machine: String,
}

impl Orchestrator {
    /// The state machine by its ARN.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        Self { client: clients.sfn.clone(), machine: settings.state_machine.clone() }
    }

    async fn start(&self, name: ExecutionName, slip: &Slip) -> Outcome<()> {
        let call = self.client.start_execution().state_machine_arn(&self.machine).name(name.to_string());
        match call.input(to_json(slip)?).send().await.map_err(Failure::of) {
            // The name is the run's own: whatever goes by it is that run.
            Err(failure) if failure.code() != "ExecutionAlreadyExists" => Err(failure),
            _ => Ok(()),
        }
    }

    async fn complete(&self, token: &str) -> Outcome<()> {
        if token.is_empty() {
            return Ok(());
        }
        match self.client.send_task_success().task_token(token).output("{}").send().await.map_err(Failure::of) {
            Err(failure) if !SPENT.contains(&failure.code()) => Err(failure),
            _ => Ok(()),
        }
    }

    async fn look(&self, name: ExecutionName) -> Outcome<Execution> {
        let execution = format!("{}:{name}", self.machine.replacen(":stateMachine:", ":execution:", 1));
        // How it stands, and nothing of what it was given: that is encrypted with a key which is not everybody's to use.
        let call = self.client.describe_execution().included_data(IncludedData::MetadataOnly);
        match call.execution_arn(execution).send().await.map_err(Failure::of) {
            Ok(found) if found.status == ExecutionStatus::Running => Ok(Execution::Running),
            Ok(_) => Ok(Execution::Ended),
            Err(failure) if failure.code() == "ExecutionDoesNotExist" => Ok(Execution::Unknown),
            Err(failure) => Err(failure),
        }
    }
}

#[async_trait]
impl port::Orchestrator for Orchestrator {
    async fn begin(&self, name: ExecutionName, slip: &Slip) -> PortResult<()> {
        self.start(name, slip).await.map_err(|e| e.during(PORT, format!("begin {name}")))
    }

    async fn wake(&self, token: &str) -> PortResult<()> {
        self.complete(token).await.map_err(|e| e.during(PORT, "wake"))
    }

    async fn describe(&self, name: ExecutionName) -> PortResult<Execution> {
        self.look(name).await.map_err(|e| e.during(PORT, format!("describe {name}")))
    }
}
