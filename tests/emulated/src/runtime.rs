//! The service that calls functions: the runtime's interface towards the binary, and the call's interface towards
//! whoever calls. One binary, a process for each function; each call is handed to whichever of its processes asks next.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path as Place, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

/// As long a call may take here, starts on a busy machine included.
const PATIENCE: Duration = Duration::from_mins(3);

/// What came of a call.
#[derive(Debug, Clone)]
pub enum Answer {
    /// What the function answered.
    Done(Value),
    /// What it failed with: `errorType` and `errorMessage`.
    Failed(Value),
}

struct Invocation {
    id: String,
    event: Bytes,
}

struct Line {
    into: mpsc::UnboundedSender<Invocation>,
    out: Mutex<mpsc::UnboundedReceiver<Invocation>>,
}

#[derive(Default)]
struct Desk {
    lines: Mutex<HashMap<String, Arc<Line>>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
}

impl Desk {
    async fn line(&self, function: &str) -> Arc<Line> {
        let mut lines = self.lines.lock().await;
        let fresh = || {
            let (into, out) = mpsc::unbounded_channel();
            Arc::new(Line { into, out: Mutex::new(out) })
        };
        Arc::clone(lines.entry(function.to_owned()).or_insert_with(fresh))
    }

    async fn call(&self, function: &str, event: Bytes) -> Answer {
        let id = Uuid::new_v4().to_string();
        let (done, answer) = oneshot::channel();
        self.waiting.lock().await.insert(id.clone(), done);
        let _ = self.line(function).await.into.send(Invocation { id, event });
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.ok().and_then(Result::ok).unwrap_or_else(|| {
            Answer::Failed(json!({ "errorType": "Sandbox.Timedout", "errorMessage": format!("{function} is late") }))
        })
    }

    async fn settle(&self, id: &str, answer: Answer) -> StatusCode {
        if let Some(waiting) = self.waiting.lock().await.remove(id) {
            let _ = waiting.send(answer);
        }
        StatusCode::ACCEPTED
    }
}

/// The service, with the processes that it started. They end with it.
pub struct Runtime {
    /// Its address.
    pub url: String,
    desk: Arc<Desk>,
    processes: Vec<Child>,
}

impl Runtime {
    /// Listens, without any function yet.
    pub async fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let router = Router::new()
            .route("/2015-03-31/functions/{function}/invocations", post(invoke))
            .route("/{function}/2018-06-01/runtime/invocation/next", get(next))
            .route("/{function}/2018-06-01/runtime/invocation/{id}/response", post(respond))
            .route("/{function}/2018-06-01/runtime/invocation/{id}/error", post(fail))
            .with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, desk, processes: Vec::new() }
    }

    /// Starts a process for a function, with its environment and nothing else of ours.
    pub fn run(&mut self, function: &str, handler: &str, environment: &BTreeMap<String, String>) {
        let mut command = Command::new(binary());
        command.env_clear().envs(environment).env("_HANDLER", handler);
        command.env("AWS_LAMBDA_RUNTIME_API", format!("{}/{function}", self.url));
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", function),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "one"),
        ] {
            command.env(name, value);
        }
        let log = std::env::temp_dir().join(format!("lockgate-{}-{handler}.log", std::process::id()));
        let log = std::fs::File::create(log).expect("a log");
        command.stdin(Stdio::null()).stderr(log.try_clone().expect("a log")).stdout(log);
        self.processes.push(command.spawn().expect("the binary is built"));
    }

    /// Calls a function and waits for what comes of it.
    pub async fn call(&self, function: &str, event: &Value) -> Answer {
        self.desk.call(function, event.to_string().into()).await
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The real binary, where cargo puts it beside the tests.
fn binary() -> PathBuf {
    let own = std::env::current_exe().expect("a test has a file");
    let built = own.ancestors().map(|folder| folder.join("lockgate-lambda")).find(|path| is_program(path));
    built.expect("lockgate-lambda is built by 'cargo build -p lambdas'")
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

async fn invoke(State(desk): State<Arc<Desk>>, Place(function): Place<String>, event: Bytes) -> Response {
    match desk.call(&function, event).await {
        Answer::Done(value) => Json(value).into_response(),
        Answer::Failed(value) => ([("x-amz-function-error", "Unhandled")], Json(value)).into_response(),
    }
}

async fn next(State(desk): State<Arc<Desk>>, Place(function): Place<String>) -> Response {
    let line = desk.line(&function).await;
    let Some(invocation) = line.out.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let deadline = jiff::Timestamp::now().as_millisecond() + 900_000;
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", format!("arn:aws:lambda:eu-west-2:123456789012:function:{function}")),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, invocation.event).into_response()
}

async fn respond(State(desk): State<Arc<Desk>>, Place((_, id)): Place<(String, String)>, body: Bytes) -> StatusCode {
    desk.settle(&id, Answer::Done(serde_json::from_slice(&body).unwrap_or_default())).await
}

async fn fail(State(desk): State<Arc<Desk>>, Place((_, id)): Place<(String, String)>, body: Bytes) -> StatusCode {
    desk.settle(&id, Answer::Failed(serde_json::from_slice(&body).unwrap_or_default())).await
}
