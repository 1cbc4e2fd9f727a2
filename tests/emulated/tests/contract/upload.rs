//! Uploads: the bytes go straight to the bucket, and arrive as versions of the source area.

use bytes::Bytes;
use infra_aws::{ObjectStore, Uploads};
use jiff::{SignedDuration, Timestamp};
use tests::builders::{person, project};
use tests_emulated::{Installation, Way};
use uuid::Uuid;
use workflow::domain::path::SafePath;
use workflow::ports::object_store::{Area, ObjectVersion};
use workflow::ports::uploads::{Announced, Upload};
use workflow::ports::{Kind, ObjectStore as _, Uploads as _};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_arrives_once_it_has_all_its_bytes() {
    let installation = Box::pin(Installation::whole(Way::Straight)).await;
    let uploads = Uploads::new(&installation.settings, &installation.clients);
    let objects = ObjectStore::new(&installation.settings, &installation.clients);
    let upload = upload(&[("a.csv", 4), ("b/c.csv", 3)]);
    let addresses = uploads.create(&upload).await.unwrap();
    assert_eq!(uploads.find(upload.id).await.unwrap(), Some(upload.clone()));
    assert_eq!(uploads.arrived(upload.id).await.unwrap(), [None, None]);
    put(&addresses[0], "a,b\n").await;
    put(&addresses[1], "to").await;
    let arrived = uploads.arrived(upload.id).await.unwrap();
    let version = arrived[0].clone().unwrap();
    assert_eq!(arrived[1], None);
    let object = ObjectVersion { area: Area::Source, key: version.key, version: version.version };
    assert_eq!(objects.read(&object, 0, 100).await.unwrap(), "a,b\n");
    assert_eq!(uploads.append(upload.id, 0, 0, Bytes::new()).await.unwrap_err().kind, Kind::Denied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_announced_once_and_ends() {
    let installation = Box::pin(Installation::whole(Way::Straight)).await;
    let uploads = Uploads::new(&installation.settings, &installation.clients);
    let first = upload(&[("a.csv", 4)]);
    assert_eq!(uploads.create(&first).await.unwrap().len(), 1);
    assert_eq!(uploads.create(&first).await.unwrap().len(), 1);
    let other = Upload { project: project("another"), ..first.clone() };
    assert_eq!(uploads.create(&other).await.unwrap_err().kind, Kind::Conflict);
    assert_eq!(uploads.arrived(Uuid::from_u128(9)).await.unwrap_err().kind, Kind::Missing);
    let over = Upload { id: Uuid::now_v7(), expires_at: Timestamp::now() - SignedDuration::from_secs(1), ..first };
    uploads.create(&over).await.unwrap();
    assert_eq!(uploads.find(over.id).await.unwrap(), None);
}

async fn put(address: &str, text: &str) {
    let answer = tests::client::client().put(address).body(text.to_owned()).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

fn upload(files: &[(&str, u64)]) -> Upload {
    let announced = |(path, size): &(&str, u64)| Announced {
        path: SafePath::parse(path).unwrap(),
        submitted_as: None,
        size: *size,
    };
    Upload {
        id: Uuid::now_v7(),
        by: person("ada@example.org").build().who,
        project: project("p-1"),
        files: files.iter().map(announced).collect(),
        expires_at: Timestamp::now() + SignedDuration::from_hours(1),
    }
}
