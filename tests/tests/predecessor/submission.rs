//! Submissions of our own making: a workspace with files, and the platform's notice of it.

use std::io::Cursor;
use std::path::Path;

use tests::builders::{NOTICE, request_id};
use tests::scene::{IRIS, RITA, Scene, Setting, prepare};
use workflow::actions::{self, receive::Received};
use workflow::domain::decision::Opinion;
use workflow::domain::id::RequestId;
use workflow::domain::notice::Notice;
use workflow::domain::policy::Policy;
use workflow::domain::request::Request;
use workflow::domain::status::Status;

/// A workspace whose files are submitted.
pub(crate) struct Workspace {
    pub(crate) notice: Notice,
    body: String,
}

impl Workspace {
    /// The workspace of a name, submitted for the how manieth time.
    pub(crate) fn new(name: &str, submission: u64) -> Self {
        let mut wire: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
        let number = name.bytes().fold(submission, |number, byte| number * 31 % 1_000_000_007 + u64::from(byte));
        wire["id"] = request_id(number).to_string().into();
        for field in ["egress_store_id", "workspace_id"] {
            wire[field] = name.into();
        }
        wire["s3_bucketpath"] = format!("{name}/").into();
        wire["ver"] = submission.into();
        let list = format!("arn:aws:s3:::notifications/{name}/{name}-egress-store-ver{submission}.json");
        wire["egress_store_object_list_location"] = list.into();
        let body = wire.to_string();
        Self { notice: Notice::parse(body.as_bytes()).unwrap(), body }
    }

    pub(crate) fn id(&self) -> RequestId {
        self.notice.id
    }

    /// Writes files into the workspace's folder and lists the versions, as the platform does on submission.
    pub(crate) async fn submit(&self, scene: &Scene, files: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            write(folder.path(), name, content);
        }
        tests::scene::load(&scene.house, &self.notice, folder.path()).await;
    }

    /// Stores a further version of one file, behind the platform's back.
    pub(crate) async fn overwrite(&self, scene: &Scene, name: &str, content: &str) {
        let key = format!("{}{name}", self.notice.folder);
        let bytes = Cursor::new(content.to_owned());
        scene.house.objects().source().store(&self.notice.bucket, &key, bytes).await.unwrap();
    }

    /// Gives notice and lets happen what follows without people.
    pub(crate) async fn give_notice(&self, scene: &Scene) -> Received {
        let received = actions::receive::run(scene.ports(), self.body.as_bytes()).await.unwrap();
        scene.settle().await;
        received
    }

    pub(crate) async fn request(&self, scene: &Scene) -> Request {
        scene.ports().requests.find(self.id()).await.unwrap().unwrap()
    }

    /// Somebody decides on the workspace's request.
    pub(crate) async fn decide(&self, scene: &Scene, address: &str, opinion: Opinion) -> Result<Request, String> {
        let request = self.request(scene).await;
        let ballot = tests::scene::ballot(&request, opinion);
        let decided = actions::decide::run(scene.ports(), &scene.caller(address).await, request.id, ballot).await;
        scene.house.engine().idle().await;
        decided.map_err(|error| error.to_string())
    }

    /// Both reviewers approve.
    pub(crate) async fn approve(&self, scene: &Scene) -> Request {
        self.decide(scene, IRIS, Opinion::Approve).await.unwrap();
        self.decide(scene, RITA, Opinion::Approve).await.unwrap();
        scene.settle().await;
        let request = self.request(scene).await;
        assert_eq!(request.status, Status::Released);
        request
    }
}

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A house with two stages.
pub(crate) async fn scene() -> (tempfile::TempDir, Scene) {
    let dir = tempfile::tempdir().unwrap();
    let house = dir.path().join("house");
    prepare(&house, Policy::TWO_STAGE).await;
    let scene = Scene::open(&house, Setting::quiet(2)).await;
    (dir, scene)
}
