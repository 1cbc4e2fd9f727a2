//! The other side: an executor that another party wrote, whose time is real. Functions are played by a service that
//! follows the script.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tests_emulated::Moto;
use tests_emulated::installation::clients;

use super::case::{Case, Reply, Scripts, reply};
use super::trace::{self, Trace};

/// As long as an execution may take.
const PATIENCE: Duration = Duration::from_mins(2);
const MOMENT: Duration = Duration::from_millis(100);

/// An execution that was begun, by its ARNs.
pub(crate) struct Begun {
    pub(crate) execution: String,
    pub(crate) machine: String,
    pub(crate) role: String,
}

/// The executor, with the service that plays functions.
pub(crate) struct Executor {
    stage: Arc<Stage>,
    client: Client,
    role: String,
    _moto: Moto,
}

struct Stage {
    scripts: Scripts,
    calls: Mutex<Vec<(String, Value)>>,
    /// Tokens are handed in here, as soon as there is a way.
    client: OnceLock<Client>,
}

impl Executor {
    /// Starts with every function of some cases.
    pub(crate) async fn start(cases: &[Case]) -> Self {
        let scripts = cases.iter().flat_map(Case::scripts).collect();
        let stage = Arc::new(Stage { scripts, calls: Mutex::default(), client: OnceLock::new() });
        let path = "/2015-03-31/functions/{function}/invocations";
        let router = Router::new().route(path, post(invoke)).with_state(Arc::clone(&stage));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let moto = Moto::with_functions(&url);
        let client = clients(&moto.url, &moto.url).await.sfn;
        stage.client.set(client.clone()).unwrap();
        let role = moto.make_role().await;
        for function in stage.scripts.keys() {
            moto.make_function(function, &role).await;
        }
        Self { stage, client, role, _moto: moto }
    }

    /// Begins the execution of a case.
    pub(crate) async fn begin(&self, case: &Case) -> Begun {
        let name = case.name.replace(' ', "-");
        let create = self.client.create_state_machine().name(&name).definition(case.definition());
        let created = create.role_arn(&self.role).send().await;
        let machine = created.unwrap_or_else(|error| panic!("{name}: {error:?}")).state_machine_arn;
        let start = self.client.start_execution().state_machine_arn(&machine).name(&name);
        let execution = start.input(case.input.to_string()).send().await.unwrap().execution_arn;
        Begun { execution, machine, role: self.role.clone() }
    }

    /// Waits until an execution is over, and gives what happened in it.
    pub(crate) async fn finish(&self, case: &Case, begun: &Begun) -> Trace {
        let mut trace = Trace { end: self.end(case, begun).await, ..Trace::default() };
        let history = self.client.get_execution_history().execution_arn(&begun.execution);
        for event in history.max_results(1000).send().await.unwrap().events {
            trace.note(event.r#type.as_str(), &details(&event));
        }
        let own = case.functions();
        for (function, payload) in self.stage.calls.lock().unwrap().iter().filter(|(name, _)| own.contains(name)) {
            trace.call(function, payload);
        }
        trace
    }

    async fn end(&self, case: &Case, begun: &Begun) -> Value {
        let since = Instant::now();
        loop {
            let now = self.client.describe_execution().execution_arn(&begun.execution).send().await.unwrap();
            match now.status {
                ExecutionStatus::Running => {
                    assert!(since.elapsed() < PATIENCE, "{} does not end", case.name);
                    tokio::time::sleep(MOMENT).await;
                }
                ExecutionStatus::Succeeded => {
                    return json!({ "status": "SUCCEEDED", "output": trace::plain(written(now.output.as_deref())) });
                }
                ExecutionStatus::TimedOut => return json!({ "status": "TIMED_OUT" }),
                status => {
                    let cause = now.cause.as_deref().map(trace::cause);
                    return json!({ "status": status.as_str(), "error": now.error, "cause": cause });
                }
            }
        }
    }
}

/// What an event is about, as the machine of our own says it.
fn details(event: &HistoryEvent) -> Value {
    if let Some(entered) = &event.state_entered_event_details {
        return json!({ "name": entered.name, "input": written(entered.input.as_deref()) });
    }
    if let Some(left) = &event.state_exited_event_details {
        return json!({ "name": left.name, "output": written(left.output.as_deref()) });
    }
    let failed = event.task_failed_event_details.as_ref().and_then(|failed| failed.error.clone());
    let late = event.task_timed_out_event_details.as_ref().and_then(|late| late.error.clone());
    json!({ "error": failed.or(late) })
}

fn written(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
}

/// Answers a call as the script says.
async fn invoke(State(stage): State<Arc<Stage>>, Path(function): Path<String>, payload: Bytes) -> Response {
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    let token = payload["token"].as_str().unwrap_or_default().to_owned();
    let calls = {
        let mut calls = stage.calls.lock().unwrap();
        calls.push((function.clone(), payload));
        calls.iter().filter(|(name, _)| *name == function).count() - 1
    };
    let client = stage.client.get().unwrap();
    match reply(&stage.scripts, &function, calls) {
        Reply::Answer(value) => return Json(value).into_response(),
        Reply::Error(name, message) => {
            let failure = Json(json!({ "errorType": name, "errorMessage": message }));
            return ([("x-amz-function-error", "Unhandled")], failure).into_response();
        }
        Reply::Token(output) => {
            client.send_task_success().task_token(token).output(output.to_string()).send().await.unwrap();
        }
        Reply::TokenError(error, cause) => {
            client.send_task_failure().task_token(token).error(error).cause(cause).send().await.unwrap();
        }
        Reply::Silence if token.is_empty() => std::future::pending().await,
        Reply::Silence => {}
    }
    Json(Value::Null).into_response()
}
