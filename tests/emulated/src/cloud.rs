//! The whole house as the stack's template says, on stand-ins, with the real functions: who plays in it brings notices,
//! decides, and waits for what comes of it.

mod submission;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use infra_aws::Settings;
use serde_json::{Value, json};
use tests::builders::person;
use tests::invariants::{self, Outside};
use tests::scene::{IRIS, IVAN, OLGA, RITA, ballot};
use tests::template::Template;
use workflow::actions::{self, ActionError, Caller};
use workflow::domain::decision::Opinion;
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::Ports;

use crate::installation::{self, REGION};
use crate::program::tool;
use crate::{Answer, Dynamo, Moto, Runtime};

/// As long as something may take that a handful of functions do, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(4);
const MOMENT: Duration = Duration::from_millis(200);
/// The functions that are started: what no test calls is not there.
const STARTED: [&str; 14] = [
    "Admit",
    "Stage",
    "Notify",
    "Wait",
    "Tally",
    "Release",
    "Reject",
    "Tell",
    "RecordFailure",
    "Receive",
    "Deliver",
    "Sweep",
    "Dispose",
    "Events",
];

/// A house that is played.
pub struct Cloud {
    /// The ports, as a function has them.
    pub ports: Ports,
    /// The service that calls functions.
    pub runtime: Runtime,
    clients: infra_aws::Clients,
    stores: String,
    _moto: Moto,
    _dynamo: Dynamo,
}

impl Cloud {
    /// Makes everything that the template says, starts the functions, and enters the people.
    pub async fn start() -> Self {
        let mut runtime = Runtime::start().await;
        let (dynamo, moto) = (Dynamo::start().await, Moto::with_functions(&runtime.url));
        let made = provision(&dynamo.url, &moto.url);
        let functions = made["functions"].as_object().expect("functions");
        for name in STARTED {
            let function = &functions[&format!("{name}Function")];
            let environment = environment(function, (&dynamo.url, &moto.url));
            runtime.run(text(&function["name"]), text(&function["handler"]), &environment);
        }
        let told = &functions["DeliverFunction"]["environment"];
        let settings = Settings::read(|name| told[name].as_str().map(str::to_owned)).expect("the template tells all");
        let clients = installation::clients(&dynamo.url, &moto.url).await;
        let stores = settings.tables.egress_stores.clone();
        let ports = infra_aws::ports(&settings, &clients);
        let cloud = Self { ports, runtime, clients, stores, _moto: moto, _dynamo: dynamo };
        cloud.furnish().await;
        cloud
    }

    async fn furnish(&self) {
        let ada = person(tests::builders::RESEARCHER).in_group("researchers").build();
        let iris = person(IRIS).in_group("InformationGovernance").build();
        let ivan = person(IVAN).in_group("InformationGovernance").build();
        let rita = person(RITA).in_group("TREAdmin").build();
        let olga = person(OLGA).in_group("operators").build();
        for person in [ada, iris, ivan, rita, olga] {
            self.ports.people.save(&person).await.expect("people are entered");
        }
        self.make_platform().await;
    }

    /// Calls a function and answers what it answered.
    pub async fn call(&self, function: &str, event: &Value) -> Value {
        match self.runtime.call(&format!("lockgate-{function}Function"), event).await {
            Answer::Done(value) => value,
            Answer::Failed(value) => panic!("{function} failed: {value}"),
        }
    }

    /// The request as it is now.
    pub async fn request(&self, id: RequestId) -> Request {
        self.ports.requests.find(id).await.expect("the store answers").expect("the request is there")
    }

    /// Delivers and waits until a request is as it should be.
    pub async fn until(&self, id: RequestId, is_so: impl Fn(&Request) -> bool) -> Request {
        let begun = Instant::now();
        loop {
            self.call("Deliver", &json!({})).await;
            let request = self.request(id).await;
            if is_so(&request) {
                return request;
            }
            assert!(begun.elapsed() < PATIENCE, "it stays {:?}", request.status);
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Waits until a request waits for people.
    pub async fn until_waiting(&self, id: RequestId, stage: usize) -> Request {
        self.until(id, |request| request.waiting.is_some() && is_at(request, stage)).await
    }

    /// Waits until a request is over, or returned, and everybody was told.
    pub async fn until_told(&self, id: RequestId) -> Request {
        self.until(id, |request| request.told).await
    }

    /// Somebody who calls.
    pub async fn caller(&self, address: &str) -> Caller {
        let email = tests::builders::email(address);
        let person = self.ports.people.by_email(&email).await.expect("the directory answers").expect("they are known");
        Caller { who: person.who, claimed: None, system_user: None, origin: Some("a test".to_owned()) }
    }

    /// Decides for somebody, about the request as it stands.
    pub async fn decide(&self, who: &str, id: RequestId, opinion: Opinion) -> Result<Request, ActionError> {
        let ballot = ballot(&self.request(id).await, opinion);
        actions::decide::run(&self.ports, &self.caller(who).await, id, ballot).await
    }

    /// Requires that everything holds that must, once all has come to rest.
    pub async fn hold(&self, acknowledged: Vec<RequestId>) {
        self.call("Deliver", &json!({})).await;
        invariants::hold(&self.ports, &Outside { acknowledged, at_rest: true, ..Outside::default() }).await;
    }
}

fn is_at(request: &Request, stage: usize) -> bool {
    use workflow::domain::status::Status;
    matches!(request.status, Status::InReview { stage: at, .. } if at == stage)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// What a function is told, and the way to the stand-ins.
fn environment(function: &Value, (dynamodb, services): (&str, &str)) -> BTreeMap<String, String> {
    let told = function["environment"].as_object().expect("an environment");
    let told = told.iter().map(|(name, value)| (name.clone(), text(value).to_owned()));
    let ways = [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", services),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
    ];
    told.chain(ways.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// Makes what the template says in the stand-ins.
fn provision(dynamodb: &str, services: &str) -> Value {
    let order = json!({
        "template": Template::read().0,
        "definition": workflow::steps::DEFINITION,
        "dynamodb": dynamodb,
        "services": services,
        "parameters": {
            "Url": "https://egress.example.ac.uk", "MailFrom": "egress@example.ac.uk", "HouseName": "Lockgate",
            "OperatorsEmail": "operators@example.ac.uk", "EgressStoreTable": "platform-EgressStore",
        },
    });
    let mut command = Command::new(tool("venv/bin/python"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/stand/provision.py"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the loader starts");
    serde_json::to_writer(child.stdin.take().expect("its input"), &order).expect("the loader listens");
    let output = child.wait_with_output().expect("the loader ends");
    assert!(output.status.success(), "the loader failed");
    serde_json::from_slice(&output.stdout).expect("the loader says what it made")
}
