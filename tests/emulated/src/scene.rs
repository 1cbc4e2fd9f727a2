//! The sentence on the adapters of an account: every step, action and chore on stand-ins, the definition executed by the
//! machine of our own.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use infra_embedded::database::Mode;
use infra_embedded::engine::{StepFailure, Steps};
use infra_embedded::{Database, Engine};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::builders::{NOTICE, at, email, person};
use tests::invariants::{self, Outside};
use tests::scene::{IRIS, OLGA, RITA, Story, ballot, sample, sample_id};
use tests::world::SimClock;
use workflow::actions::{self, Caller};
use workflow::chores::{deliver, seal, sweep};
use workflow::domain::notice::Notice;
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::domain::text::Title;
use workflow::letter::Sender;
use workflow::ports::Ports;
use workflow::steps::{self, Order};

use crate::installation::make_bucket;
use crate::{Installation, Way};

/// Who writes to people.
const GATE: &str = "gate@example.org";

/// An installation in which the platform has a store with the sample's files, and people of every role are known.
pub struct Scene {
    /// The adapters; their engine is ours, and their clock stands in the test's hand.
    pub ports: Ports,
    /// What they are on.
    pub installation: Installation,
    clock: Arc<SimClock>,
    engine: Engine,
    delivery: deliver::Settings,
    _folder: TempDir,
}

/// The steps, on the ports of the scene.
struct OnPorts(Ports);

#[async_trait]
impl Steps for OnPorts {
    async fn call(&self, function: &str, payload: Value) -> Result<Value, StepFailure> {
        let order: Order = serde_json::from_value(payload).expect("an order");
        match steps::run(function, &self.0, &order).await.expect("a step of the definition") {
            Ok(slip) => Ok(serde_json::to_value(slip).expect("a slip")),
            Err(error) => Err(StepFailure { error: error.name().to_owned(), cause: error.to_string() }),
        }
    }
}

impl Scene {
    /// Sets the stage, with the sample's files in the platform's store.
    pub async fn open(way: Way) -> Self {
        Self::open_with(way, files_in(&sample())).await
    }

    /// Sets the stage, with these files in the platform's store: paths and bytes.
    pub async fn open_with(way: Way, files: Vec<(String, Vec<u8>)>) -> Self {
        let installation = Box::pin(Installation::whole(way)).await;
        let clock = Arc::new(SimClock::at(at(0)));
        let mut ports = infra_aws::ports(&installation.settings, &installation.clients);
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::open(&folder.path().join("engine.db"), Mode::ReadWrite).expect("a database");
        let ids = Arc::new(infra_embedded::Ids);
        let engine = Engine::open(database, steps::DEFINITION, clock.clone(), ids).await.expect("an engine");
        ports.clock = clock.clone();
        ports.orchestrator = Arc::new(engine.clone());
        engine.start(Arc::new(OnPorts(ports.clone())));
        let house = Title::parse("The played house").expect("a title");
        let sender = Sender::new(email(GATE), house, "https://gate.example.org".parse().expect("a URL"));
        let delivery = deliver::Settings::new(sender.expect("a sender"));
        let scene = Self { ports, installation, clock, engine, delivery, _folder: folder };
        Box::pin(scene.fill(files)).await;
        scene
    }

    async fn fill(&self, files: Vec<(String, Vec<u8>)>) {
        let notice = Notice::parse(NOTICE.as_bytes()).expect("the sample's notice");
        for (address, group) in [(IRIS, "InformationGovernance"), (RITA, "TREAdmin"), (OLGA, "operators")] {
            self.ports.people.save(&person(address).in_group(group).build()).await.expect("somebody is entered");
        }
        let ada = person(notice.submitter.email.as_str()).in_group("researchers").build();
        self.ports.people.save(&ada).await.expect("the researcher is entered");
        let straight = &self.installation.straight;
        straight.ses.verify_email_identity().email_address(GATE).send().await.expect("a sender that SES knows");
        let store = AttributeValue::S(notice.store.to_string());
        let row = straight.dynamodb.put_item().table_name(&self.installation.settings.tables.egress_stores);
        let row = row.item("id", store).item("status", AttributeValue::S("PENDING".to_owned()));
        row.send().await.expect("the platform has a store");
        for bucket in [notice.bucket.as_str(), notice.list_bucket.as_str()] {
            make_bucket(&straight.s3, bucket).await;
        }
        self.bring(&notice, files).await;
    }

    /// Brings files in as the platform does: versions, and the list of them (wire contract D2).
    async fn bring(&self, notice: &Notice, files: Vec<(String, Vec<u8>)>) {
        let mut objects = vec![json!({ "Key": notice.folder, "Size": 0, "VersionId": "null" })];
        for (path, bytes) in files {
            let (key, size) = (format!("{}{path}", notice.folder), bytes.len());
            let version = self.put(notice.bucket.as_str(), &key, bytes).await;
            objects.push(json!({
                "Key": key, "LastModified": "2026-03-03T15:40:00.000Z", "ETag": "\"0\"", "Size": size,
                "StorageClass": "STANDARD", "VersionId": version, "Owner": { "ID": "platform" },
            }));
        }
        let list = json!({ "objects": objects }).to_string().into_bytes();
        self.put(notice.list_bucket.as_str(), &notice.list_key, list).await;
    }

    async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> String {
        let call = self.installation.straight.s3.put_object().bucket(bucket).key(key).body(ByteStream::from(bytes));
        call.send().await.expect("an object is put").version_id.expect("its version")
    }

    /// The sample's request, if it is there.
    pub async fn request(&self) -> Option<Request> {
        self.ports.requests.find(sample_id()).await.expect("an answer")
    }

    /// Does all that can be done without time or people.
    pub async fn settle(&self) {
        for _ in 0..3 {
            // What does not work this time is tried again the next.
            let _ = deliver::run(&self.ports, &self.delivery).await;
            let _ = sweep::run(&self.ports).await;
            let _ = seal::run(&self.ports).await;
            self.engine.idle().await;
        }
    }

    /// Moves the clock on and lets happen what that asks for.
    pub async fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.engine.tick();
        self.settle().await;
    }

    /// Plays a story to its end.
    pub async fn play(&self, story: Story) -> Request {
        let mut last = None;
        for _ in 0..60 {
            let _ = actions::receive::run(&self.ports, NOTICE.as_bytes()).await;
            self.settle().await;
            let now = self.ports.requests.find(sample_id()).await.ok().flatten();
            if let Some(request) = now.as_ref().filter(|request| is_at_its_end(request)) {
                return request.clone();
            }
            if let Some(request) = now.as_ref().filter(|request| request.waiting.is_some()) {
                self.say(request, story).await;
            }
            let version = now.map(|request| request.version());
            if version == last {
                self.pass(SignedDuration::from_secs(150)).await;
            }
            last = version;
        }
        panic!("the story did not come to an end: {:?}", self.request().await.map(|request| request.status));
    }

    async fn say(&self, request: &Request, story: Story) {
        let (address, opinion) = match request.status {
            Status::InReview { stage: 0, .. } => (IRIS, story.first),
            Status::InReview { .. } => (RITA, story.second),
            _ => return,
        };
        let person = self.ports.people.by_email(&email(address)).await.expect("an answer").expect("a reviewer");
        let caller = Caller { who: person.who, claimed: None, system_user: None, origin: Some("a test".to_owned()) };
        let _ = actions::decide::run(&self.ports, &caller, request.id, ballot(request, opinion)).await;
        self.engine.idle().await;
    }

    /// Lets the house come to rest, and requires that everything holds that must.
    pub async fn hold(&self) {
        for _ in 0..4 {
            self.pass(SignedDuration::from_mins(11)).await;
        }
        let acknowledged = vec![sample_id()];
        invariants::hold(&self.ports, &Outside { acknowledged, at_rest: true, ..Outside::default() }).await;
    }

    /// How the platform's store stands.
    pub async fn store_status(&self) -> Option<String> {
        let notice = Notice::parse(NOTICE.as_bytes()).expect("the sample's notice");
        self.ports.egress_stores.status(&notice.store).await.expect("an answer")
    }
}

fn is_at_its_end(request: &Request) -> bool {
    let ended = request.status.is_over() || request.status == Status::Returned;
    (ended && request.told) || matches!(request.status, Status::Failed { .. })
}

/// The files below a folder, by their paths.
fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("a file below").to_str().expect("a name").to_owned();
                files.push((name, std::fs::read(&path).expect("a file")));
            }
        }
    }
    files.sort();
    files
}
