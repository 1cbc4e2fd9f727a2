//! The platform's side of a house: stores with any content and any list, and what became of them.

use std::path::PathBuf;

use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::builders::request_id;
use tests::invariants::Outside;
use tests::machine::notice;
use tests::scene::{Scene, Setting, prepare};
use workflow::actions;
use workflow::domain::notice::Notice;
use workflow::domain::request::Request;

/// A house with its platform.
pub(crate) struct Platform {
    pub(crate) folder: TempDir,
    pub(crate) scene: Scene,
}

impl Platform {
    pub(crate) async fn new(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("house");
        prepare(&dir, policy).await;
        Self { scene: Scene::open(&dir, Setting::quiet(2)).await, folder }
    }

    /// The data directory.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("house")
    }

    /// Stores a version of a file of a store, and answers its line of the version list.
    pub(crate) async fn store(&self, number: u64, (name, bytes): (&str, &[u8])) -> Value {
        let about = Notice::parse(notice(number).as_bytes()).unwrap();
        let key = format!("{}{name}", about.folder);
        let source = self.scene.house.objects().source();
        let stored =
            source.store(&about.bucket, &key, std::io::Cursor::new(Bytes::copy_from_slice(bytes))).await.unwrap();
        json!({ "Key": key, "Size": bytes.len(), "VersionId": stored.version })
    }

    /// Says that a file of a store is deleted.
    pub(crate) async fn delete(&self, number: u64, name: &str) {
        let about = Notice::parse(notice(number).as_bytes()).unwrap();
        let source = self.scene.house.objects().source();
        source.mark_deleted(&about.bucket, &format!("{}{name}", about.folder)).await.unwrap();
    }

    /// Writes the version list of a store, gives notice, and answers the request as it stands then.
    pub(crate) async fn submit_list(&self, number: u64, list: Vec<u8>) -> Request {
        let body = notice(number);
        let about = Notice::parse(body.as_bytes()).unwrap();
        let source = self.scene.house.objects().source();
        source.store(&about.list_bucket, &about.list_key, std::io::Cursor::new(list)).await.unwrap();
        let stores = infra_embedded::EgressStore::new(self.scene.house.database().clone());
        stores.enter(&about.store).await.unwrap();
        actions::receive::run(self.scene.ports(), body.as_bytes()).await.unwrap();
        self.scene.settle().await;
        self.find(number).await
    }

    /// The same with the lines of the list.
    pub(crate) async fn submit(&self, number: u64, lines: &[Value]) -> Request {
        self.submit_list(number, json!({ "objects": lines }).to_string().into_bytes()).await
    }

    pub(crate) async fn find(&self, number: u64) -> Request {
        self.scene.ports().requests.find(request_id(number)).await.unwrap().unwrap()
    }

    /// Everybody approves; answers the archive, where it lies.
    pub(crate) async fn release(&self, number: u64) -> PathBuf {
        for _ in 0..2 {
            self.scene.approve(&self.find(number).await).await;
            self.scene.settle().await;
        }
        let request = self.find(number).await;
        let release = request.release.as_ref().unwrap_or_else(|| panic!("{:?}", request.status));
        self.dir().join("release").join(&release.archive.as_ref().unwrap().key)
    }

    /// Everything holds that must; `numbers` were acknowledged.
    pub(crate) async fn hold(self, numbers: impl IntoIterator<Item = u64>) {
        let acknowledged = numbers.into_iter().map(request_id).collect();
        self.scene.hold_with(Outside { acknowledged, at_rest: true, ..Outside::default() }).await;
        self.scene.house.close().await;
    }
}

/// The sentence with which a request went back to its requester.
#[track_caller]
pub(crate) fn sentence_of(request: &Request) -> String {
    assert_eq!(request.status.word().as_str(), "returned", "{:?}", request.status);
    let sentence = request.round().ended_because.as_ref().unwrap().to_string();
    assert!(sentence.ends_with('.') && !sentence.contains("null"), "{sentence:?} is no sentence");
    sentence
}
