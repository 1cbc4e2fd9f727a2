//! The whole house as the stack's template says, on stand-ins, with the real functions: who plays in it brings notices,
//! decides, and waits for what comes of it.

mod account;
mod appsync;
mod called;
mod submission;

pub use account::SignedIn;
pub use appsync::Face;
pub use called::Called;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use infra_aws::Settings;
use serde_json::{Value, json};
use tests::builders::{NOTICE, person};
use tests::invariants::{self, Outside};
use tests::scene::{IRIS, IVAN, OLGA, RITA, ballot};
use tests::template::Template;
use workflow::actions::{self, ActionError, Caller};
use workflow::domain::decision::Opinion;
use workflow::domain::id::RequestId;
use workflow::domain::notice::Notice;
use workflow::domain::request::Request;
use workflow::ports::Ports;

use crate::installation::{self, REGION};
use crate::program::tool;
use crate::{Answer, Dynamo, Moto, Proxy, Runtime, Way};

/// As long as something may take that a handful of functions do, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(4);
const MOMENT: Duration = Duration::from_millis(200);
/// The functions that are started: what no test calls is not there.
const STARTED: [&str; 20] = [
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
    "Seal",
    "Dispose",
    "Events",
    "Administer",
    "Predecessor",
    "GraphqlAppsync",
    "GraphqlHttp",
    "Web",
];

/// A house that is played.
pub struct Cloud {
    /// The ports, as a function has them.
    pub ports: Ports,
    /// The service that calls functions.
    pub runtime: Runtime,
    clients: infra_aws::Clients,
    stores: String,
    pool: String,
    client: String,
    made: Value,
    /// What lies between each function and the stand-ins, where its calls are noted.
    proxies: BTreeMap<&'static str, Vec<Proxy>>,
    _moto: Moto,
    _dynamo: Dynamo,
}

impl Cloud {
    /// Makes everything that the template says, starts the functions, and enters the people.
    pub async fn start() -> Self {
        Self::start_on(Way::Straight, 1).await
    }

    /// The same, with something between the functions and the stand-ins, and so many processes of each function: as
    /// many calls of it are answered at once.
    pub async fn start_on(way: Way, processes: usize) -> Self {
        let mut runtime = Runtime::start().await;
        let (dynamo, moto) = (Dynamo::start().await, Moto::with_functions(&runtime.url));
        let made = provision(&dynamo.url, &moto.url);
        let mut proxies = BTreeMap::new();
        for name in STARTED {
            let function = &made["functions"][format!("{name}Function")];
            let between = way.between(&[&dynamo.url, &moto.url]).await;
            let at = |place: usize, straight: &str| between.get(place).map_or(straight.to_owned(), |p| p.url.clone());
            let mut environment = environment(function, (&at(0, &dynamo.url), &at(1, &moto.url)));
            account::look_up_keys_at(&mut environment, &moto.url);
            for _ in 0..processes {
                runtime.run(text(&function["name"]), text(&function["handler"]), &environment);
            }
            proxies.insert(name, between);
        }
        let told = &made["functions"]["DeliverFunction"]["environment"];
        let settings = Settings::read(|name| told[name].as_str().map(str::to_owned)).expect("the template tells all");
        let clients = installation::clients(&dynamo.url, &moto.url).await;
        let stores = settings.tables.egress_stores.clone();
        let ports = infra_aws::ports(&settings, &clients);
        let name = |name: &str| text(&made["names"][name]).to_owned();
        let (pool, client) = (name("UserPool"), name("UserPoolClient"));
        let cloud = Self { ports, runtime, clients, stores, pool, client, made, proxies, _moto: moto, _dynamo: dynamo };
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

    /// Calls a function that is to give no answer, and gives what it says instead.
    pub async fn refused(&self, function: &str, event: &Value) -> String {
        match self.runtime.call(&format!("lockgate-{function}Function"), event).await {
            Answer::Done(value) => panic!("{function} answered: {value}"),
            Answer::Failed(value) => value["errorMessage"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Calls a function as its URL does, by the front door.
    pub async fn browse(&self, function: &str, (method, path): (&str, &str), headers: &Value, body: &str) -> Value {
        let secret = &self.made["functions"][format!("{function}Function")]["environment"]["LOCKGATE_FRONT_SECRET"];
        let mut headers = headers.clone();
        headers["x-lockgate-front"] = secret.clone();
        let place = json!({ "http": { "method": method, "sourceIp": "192.0.2.7" } });
        self.call(function, &json!({ "rawPath": path, "headers": headers, "requestContext": place, "body": body }))
            .await
    }

    /// The request as it is now.
    pub async fn request(&self, id: RequestId) -> Request {
        self.ports.requests.find(id).await.expect("the store answers").expect("the request is there")
    }

    /// Delivers and waits until a request is as it should be.
    pub async fn until(&self, id: RequestId, is_so: impl Fn(&Request) -> bool) -> Request {
        tokio::select! {
            request = self.until_seen(id, is_so) => request,
            () = self.deliver_on() => unreachable!("delivery goes on"),
        }
    }

    /// Waits until a request is as it should be, while somebody delivers.
    pub async fn until_seen(&self, id: RequestId, is_so: impl Fn(&Request) -> bool) -> Request {
        let mut last = (0, Instant::now());
        loop {
            let request = self.request(id).await;
            if is_so(&request) {
                return request;
            }
            if request.version() != last.0 {
                last = (request.version(), Instant::now());
            }
            assert!(last.1.elapsed() < PATIENCE, "it stays {:?}", request.status);
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Delivers again and again.
    pub async fn deliver_on(&self) {
        loop {
            self.call("Deliver", &json!({})).await;
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Waits until a request waits for people.
    pub async fn until_waiting(&self, id: RequestId, stage: usize) -> Request {
        self.until(id, |request| waits(request, stage)).await
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
        self.hold_all(Outside { acknowledged, ..Outside::default() }).await;
    }

    /// The same of many, of whom somebody got more mails than are sent within an hour.
    pub async fn hold_flooded(&self, acknowledged: Vec<RequestId>) {
        self.hold_all(Outside { acknowledged, flooded: true, ..Outside::default() }).await;
    }

    async fn hold_all(&self, outside: Outside) {
        self.call("Deliver", &json!({})).await;
        invariants::hold(&self.ports, &Outside { at_rest: true, ..outside }).await;
    }
}

/// Tells whether a request waits for the people of a stage.
pub fn waits(request: &Request, stage: usize) -> bool {
    use workflow::domain::status::Status;
    request.waiting.is_some() && matches!(request.status, Status::InReview { stage: at, .. } if at == stage)
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
    let notice = Notice::parse(NOTICE.as_bytes()).expect("the sample is a notice");
    let (files, lists) = (notice.bucket.as_str(), notice.list_bucket.as_str());
    let order = json!({
        "template": Template::read().0,
        "definition": workflow::steps::DEFINITION,
        "dynamodb": dynamodb,
        "services": services,
        "parameters": {
            "Url": "https://egress.example.ac.uk", "MailFrom": "egress@example.ac.uk", "HouseName": "Lockgate",
            "OperatorsEmail": "operators@example.ac.uk", "EgressStoreTable": "platform-EgressStore",
            "EgressStoreBucketArn": format!("arn:aws:s3:::{files}"),
            "EgressStoreKeyArn": "arn:aws:kms:eu-west-2:111122223333:key/egress-store",
            "NotificationBucketArn": format!("arn:aws:s3:::{lists}"),
            "NotificationKeyArn": "arn:aws:kms:eu-west-2:111122223333:key/notifications",
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
