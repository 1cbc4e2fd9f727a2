use std::sync::Arc;

use workflow::domain::email::Email;
use workflow::domain::path::SafePath;
use workflow::domain::person::{Identity, Who};
use workflow::domain::text::{PersonName, ProjectId};
use workflow::ports::object_store::{Area, ObjectVersion};
use workflow::ports::uploads::Uploads as _;
use workflow::ports::{Clock as _, Ids as _};

use super::*;
use crate::database::Mode;
use crate::source::Mapped;
use crate::{Clock, Database, Disk, Ids};

struct Desk {
    uploads: Uploads,
    source: SourceArea,
    directory: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ground = Ground {
            root: directory.path().to_owned(),
            disk: Disk::new(directory.path().join("drafts"), None).unwrap(),
            database: Database::open(&directory.path().join("lockgate.db"), Mode::ReadWrite).unwrap(),
            clock: Arc::new(Clock),
            ids: Arc::new(Ids),
            keep_free: 0,
        };
        let source = SourceArea::new(ground.clone(), Mapped::default());
        Self { uploads: Uploads::new(ground, source.clone()), source, directory }
    }

    async fn announce(&self, sizes: &[u64], lives_for: i64) -> Upload {
        let announced = |(number, size): (usize, &u64)| Announced {
            path: SafePath::parse(&format!("tables/{number}.csv")).unwrap(),
            submitted_as: None,
            size: *size,
        };
        let upload = Upload {
            id: Ids.name(),
            by: Who {
                name: PersonName::parse("Ada").unwrap(),
                email: Email::parse("ada@example.org").unwrap(),
                identities: [Identity { issuer: "lockgate".into(), subject: "ada".into() }].into(),
                verified_emails: [].into(),
            },
            project: ProjectId::parse("p").unwrap(),
            files: sizes.iter().enumerate().map(announced).collect(),
            expires_at: Clock.now() + jiff::SignedDuration::from_secs(lives_for),
        };
        self.uploads.create(&upload).await.unwrap();
        upload
    }

    async fn content(&self, version: &SourceVersion) -> Vec<u8> {
        let object = ObjectVersion { area: Area::Source, key: version.key.clone(), version: version.version.clone() };
        self.source.read(&object, 0, 1 << 20).await.unwrap().to_vec()
    }
}

#[tokio::test]
async fn a_broken_transfer_goes_on_where_it_stopped() {
    let desk = Desk::new();
    let upload = desk.announce(&[6, 1], 60).await;
    let append = |from, bytes: &'static [u8]| desk.uploads.append(upload.id, 0, from, Bytes::from_static(bytes));
    assert_eq!(append(0, b"abc").await.unwrap(), 3);
    assert_eq!(append(0, b"").await.unwrap(), 3, "an empty append says how far the file is");
    assert_eq!(append(4, b"e").await.unwrap_err().kind, Kind::Conflict, "a gap");
    assert_eq!(append(1, b"bcde").await.unwrap(), 5, "what is there already is passed over");
    assert_eq!(append(5, b"fg").await.unwrap_err().kind, Kind::Conflict, "more than was announced");
    assert_eq!(desk.uploads.arrived(upload.id).await.unwrap(), [None, None]);
    assert_eq!(append(5, b"f").await.unwrap(), 6);
    let arrived = desk.uploads.arrived(upload.id).await.unwrap();
    let version = arrived[0].clone().unwrap();
    assert_eq!(desk.content(&version).await, b"abcdef");
    assert_eq!(append(0, b"xxxxxx").await.unwrap(), 6, "a file that arrived never changes");
    assert_eq!(desk.uploads.arrived(upload.id).await.unwrap()[0], Some(version.clone()));
    assert_eq!(desk.content(&version).await, b"abcdef");
    assert!(!desk.directory.path().join(format!("uploads/{}/0", upload.id)).exists());
}

#[tokio::test]
async fn a_file_without_bytes_arrives_by_saying_so() {
    let desk = Desk::new();
    let upload = desk.announce(&[0], 60).await;
    assert_eq!(desk.uploads.append(upload.id, 0, 0, Bytes::new()).await.unwrap(), 0);
    let arrived = desk.uploads.arrived(upload.id).await.unwrap();
    assert_eq!(desk.content(arrived[0].as_ref().unwrap()).await, b"");
}

#[tokio::test]
async fn an_upload_that_ended_is_not_found_and_its_bytes_go() {
    let desk = Desk::new();
    let ended = desk.announce(&[4], 3600).await;
    desk.uploads.append(ended.id, 0, 0, Bytes::from_static(b"ab")).await.unwrap();
    let sql = "UPDATE uploads SET expires_at = 0, body = json_set(body, '$.expires_at', '1970-01-01T00:00:00Z')";
    desk.uploads.write("end it", move |c| Ok(c.execute(sql, [])?)).await.unwrap();
    assert_eq!(desk.uploads.find(ended.id).await.unwrap(), None);
    assert_eq!(desk.uploads.append(ended.id, 0, 2, Bytes::new()).await.unwrap_err().kind, Kind::Missing);
    desk.announce(&[1], 60).await;
    assert!(!desk.directory.path().join(format!("uploads/{}", ended.id)).exists());
    assert_eq!(desk.uploads.arrived(ended.id).await.unwrap_err().kind, Kind::Missing);
}

#[tokio::test]
async fn another_upload_of_the_same_name_is_refused() {
    let desk = Desk::new();
    let upload = desk.announce(&[4], 60).await;
    desk.uploads.create(&upload).await.unwrap();
    let mut other = upload.clone();
    other.files[0].size = 5;
    assert_eq!(desk.uploads.create(&other).await.unwrap_err().kind, Kind::Conflict);
}
