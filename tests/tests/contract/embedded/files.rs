//! Files, mails and keys of one machine, each in a directory of its own.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use infra_embedded::object_store::Ground;
use infra_embedded::source::Mapped;
use infra_embedded::{Disk, Ids, Keys, ObjectStore, OutboxFolder, SourceArea};
use tempfile::TempDir;
use tests::contract::Subject;
use tests::contract::mailer::{Mailbox, Post};
use tests::contract::object_store::{Files, Researcher};
use tests::world::SimClock;
use workflow::domain::text::BucketName;
use workflow::ports;
use workflow::ports::object_store::ObjectVersion;

struct Loader(SourceArea);

#[async_trait]
impl Researcher for Loader {
    async fn upload(&self, key: &str, bytes: &[u8]) -> ObjectVersion {
        let (bucket, key) = split(key);
        self.0.store(&bucket, key, std::io::Cursor::new(bytes.to_vec())).await.unwrap()
    }

    async fn remove(&self, key: &str) {
        let (bucket, key) = split(key);
        self.0.mark_deleted(&bucket, key).await.unwrap();
    }
}

fn split(key: &str) -> (BucketName, &str) {
    let (bucket, key) = key.split_once('/').unwrap();
    (BucketName::parse(bucket).unwrap(), key)
}

pub(crate) async fn files() -> Subject<Files> {
    let (database, folder) = super::database();
    let ground = Ground {
        root: folder.path().to_owned(),
        disk: disk(&folder),
        database,
        clock: Arc::new(SimClock::default()),
        ids: Arc::new(Ids),
        keep_free: 0,
    };
    let source = SourceArea::new(ground.clone(), Mapped::default());
    let objects = Arc::new(ObjectStore::new(ground, source.clone()));
    Subject::new(Arc::new(Files { objects, researcher: Arc::new(Loader(source)) }), folder)
}

struct Folder(PathBuf);

#[async_trait]
impl Mailbox for Folder {
    async fn arrived(&self) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
    }
}

pub(crate) async fn post() -> Subject<Post> {
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    let mailer = Arc::new(OutboxFolder::new(&outbox, disk(&folder)));
    Subject::new(Arc::new(Post { mailer, mailbox: Arc::new(Folder(outbox)) }), folder)
}

pub(crate) async fn keys() -> Subject<dyn ports::Sealer> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    Keys::create(&path, &disk(&folder)).unwrap();
    Subject::new(Arc::new(Keys::open(&path).unwrap()), folder)
}

fn disk(folder: &TempDir) -> Disk {
    Disk::new(folder.path().join("drafts"), None).unwrap()
}
