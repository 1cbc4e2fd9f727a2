//! A machine that Lockgate runs on: a data directory, the platform's files, people at the command line, and whatever
//! happens to the machine meanwhile. In the end everything has to come right, and the checker says whether it did.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::TempDir;
use workflow::actions;
use workflow::domain::id::RequestId;
use workflow::domain::notice::Notice;
use workflow::domain::policy::Policy;
use workflow::domain::status::Status;
use workflow::ports::request_store::{Pattern, Query};

use crate::builders::{NOTICE, request_id};
use crate::invariants::Outside;
use crate::process::{Said, Server, say};
use crate::scene::{IRIS, OLGA, RITA, Scene, Setting, load, prepare, sample};

/// A runtime for what a test does in its own process.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// The platform's notice of a submission, with an id and a store of its own.
pub fn notice(number: u64) -> String {
    let mut wire: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
    wire["id"] = request_id(number).to_string().into();
    wire["egress_store_id"] = format!("store-{number}").into();
    wire["workspace_id"] = format!("store-{number}").into();
    wire["s3_bucketpath"] = format!("store-{number}/").into();
    wire["egress_store_object_list_location"] = format!("arn:aws:s3:::notifications/store-{number}/ver1.json").into();
    wire.to_string()
}

/// The platform writes files and version lists while no server runs.
pub async fn bring_in(dir: &Path, numbers: &[u64]) {
    let house = infra_embedded::House::open(dir, Setting::real().options).await.unwrap();
    for number in numbers {
        let notice = Notice::parse(notice(*number).as_bytes()).unwrap();
        load(&house, &notice, &sample()).await;
    }
    house.close().await;
}

/// A data directory with people of every role, and as many stores of the platform as the test asks for.
pub struct Machine {
    folder: TempDir,
    dir: PathBuf,
    acknowledged: Mutex<Vec<RequestId>>,
}

impl Machine {
    /// A machine whose data directory is an ordinary folder.
    pub fn new(stores: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("house");
        Self::on(folder, dir, stores)
    }

    /// A machine whose data directory is where the test says.
    pub fn on(folder: TempDir, dir: PathBuf, stores: u64) -> Self {
        let runtime = runtime();
        runtime.block_on(prepare(&dir, Policy::TWO_STAGE));
        let numbers: Vec<u64> = (0..stores).collect();
        runtime.block_on(bring_in(&dir, &numbers));
        for number in numbers {
            std::fs::write(folder.path().join(format!("notice-{number}.json")), notice(number)).unwrap();
        }
        Self { folder, dir, acknowledged: Mutex::default() }
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A path beside the data directory.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command to its end.
    pub fn say(&self, arguments: &[&str]) -> Said {
        say(&self.dir, arguments)
    }

    /// The platform gives notice of a store. What was acknowledged may not be lost.
    pub fn submit(&self, number: u64) -> Said {
        let file = self.beside(&format!("notice-{number}.json"));
        let said = self.say(&["submit", "--notice", file.to_str().unwrap()]);
        let mut acknowledged = self.acknowledged.lock().unwrap();
        if said.code == 0 && !acknowledged.contains(&request_id(number)) {
            acknowledged.push(request_id(number));
        }
        said
    }

    /// Somebody approves a request at the stage that it is at.
    pub fn approve(&self, number: u64, who: &str) -> Said {
        let id = request_id(number).to_string();
        self.say(&["request", "decide", &id, "--approve", "--as", who, "--reason", "looked at every table"])
    }

    /// What the product says of a request, in one word; nothing while nobody can be asked.
    pub fn status(&self, number: u64) -> String {
        self.status_of(&request_id(number).to_string())
    }

    /// The same for a request by its id.
    pub fn status_of(&self, id: &str) -> String {
        let said = self.say(&["--json", "request", "show", id]);
        let shown: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_default();
        shown["status"].as_str().unwrap_or_default().to_owned()
    }

    /// The platform and the reviewers go on with a store until it is released, or the server is gone, or they have
    /// tried often enough. What they are told on the way has to be sentences.
    pub fn push_on(&self, server: &Server, number: u64) {
        for _ in 0..15 {
            for said in [self.submit(number), self.approve(number, IRIS), self.approve(number, RITA)] {
                assert!(said.code != 70 && !said.err.contains("panicked"), "{said:?}");
            }
            if !server.is_up() || self.status(number) == "released" {
                return;
            }
        }
    }

    /// The trouble is over: everything that was acknowledged is released after all, operators retry what had failed,
    /// and everything holds that must.
    pub fn comes_right(&self) {
        runtime().block_on(self.come_to_rest(Outside::default()));
    }

    /// The same, and none of the canaries is in what was logged.
    pub fn comes_right_having_logged(&self, logs: String, canaries: Vec<String>) {
        runtime().block_on(self.come_to_rest(Outside { logs, canaries, ..Outside::default() }));
    }

    async fn come_to_rest(&self, outside: Outside) {
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        let scene = Scene::open(&self.dir, Setting::real()).await;
        for _ in 0..200 {
            scene.settle().await;
            let query = Query { pattern: Pattern::Open, after: None, first: 500 };
            let open = scene.ports().requests.list(&query).await.unwrap().requests;
            if open.is_empty() {
                break;
            }
            for request in &open {
                if request.waiting.is_some() {
                    scene.approve(request).await;
                }
                if matches!(request.status, Status::Failed { .. }) {
                    let olga = scene.caller(OLGA).await;
                    actions::retry::run(scene.ports(), &olga, request.id, None).await.unwrap();
                }
            }
            scene.clock.advance(jiff::SignedDuration::from_mins(3));
            scene.house.engine().tick();
        }
        scene.hold_with(Outside { acknowledged: acknowledged.clone(), at_rest: true, ..outside }).await;
        for id in acknowledged {
            let request = scene.ports().requests.find(id).await.unwrap();
            assert_eq!(request.map(|request| request.status.word().as_str()), Some("released"), "{id}");
        }
        scene.house.close().await;
    }
}
