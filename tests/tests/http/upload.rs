//! Uploads: bytes of announced files, from where they broke off.

use reqwest::{Method, Response, StatusCode};
use tests::scene::IRIS;
use uuid::Uuid;
use workflow::actions::create_upload::{self, Announcement};
use workflow::actions::finish_upload;
use workflow::domain::text::ProjectId;

use crate::stage::{ADA, Stage, header, require};

async fn announce(stage: &Stage, sizes: &[(&str, u64)]) -> (Uuid, Vec<String>) {
    let id = stage.ports().ids.name();
    let project = ProjectId::parse("TREProject1Prod").unwrap();
    let files = sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect();
    let ada = stage.scene.caller(ADA).await;
    let created = create_upload::run(stage.ports(), &ada, Announcement { id, project, files }).await.unwrap();
    (id, created.addresses)
}

async fn put(stage: &Stage, cookie: &str, path: &str, range: &str, bytes: &[u8]) -> Response {
    let mut call = stage.call(Method::PUT, path).header("cookie", cookie).body(bytes.to_vec());
    if !range.is_empty() {
        call = call.header("content-range", range);
    }
    call.send().await.unwrap()
}

#[tokio::test]
async fn a_file_arrives_in_pieces_and_is_what_was_sent() {
    let stage = Stage::open().await;
    let (id, paths) = announce(&stage, &[("tables/a.csv", 10), ("b.csv", 0)]).await;
    let cookie = stage.cookie_of(ADA).await;
    let first = put(&stage, &cookie, &paths[1], "bytes 0-3/10", b"abcd").await;
    assert_eq!(header(&first, "upload-offset"), "4");
    require(first, StatusCode::ACCEPTED).await;
    let head = stage.call(Method::HEAD, &paths[1]).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(header(&head, "upload-offset"), "4");
    let gap = put(&stage, &cookie, &paths[1], "bytes 6-9/10", b"ghij").await;
    assert_eq!(header(&gap, "upload-offset"), "4");
    require(gap, StatusCode::CONFLICT).await;
    require(put(&stage, &cookie, &paths[1], "bytes 2-9/10", b"cdefghij").await, StatusCode::OK).await;
    require(put(&stage, &cookie, &paths[0], "", b"").await, StatusCode::OK).await;
    let ada = stage.scene.caller(ADA).await;
    let (_, manifest) = finish_upload::run(stage.ports(), &ada, id).await.unwrap();
    let file = manifest.files().iter().find(|file| file.path.as_str() == "tables/a.csv").unwrap();
    let object = workflow::ports::object_store::ObjectVersion {
        area: workflow::ports::object_store::Area::Source,
        key: file.source.key.clone(),
        version: file.source.version.clone(),
    };
    assert_eq!(stage.ports().objects.read(&object, 0, 100).await.unwrap().as_ref(), b"abcdefghij");
}

#[tokio::test]
async fn what_arrived_before_the_caller_went_away_is_kept() {
    let stage = Stage::open().await;
    let (_, paths) = announce(&stage, &[("a.bin", 9 << 20)]).await;
    let cookie = stage.cookie_of(ADA).await;
    let pieces = futures_util::stream::iter([
        Ok::<_, std::io::Error>(vec![1_u8; 5 << 20]),
        Err(std::io::Error::other("the caller goes away")),
    ]);
    let call = stage.call(Method::PUT, &paths[0]).header("cookie", &cookie);
    assert!(call.body(reqwest::Body::wrap_stream(pieces)).send().await.is_err());
    let mut kept = 0;
    for _ in 0..200 {
        let head = stage.call(Method::HEAD, &paths[0]).header("cookie", &cookie).send().await.unwrap();
        kept = header(&head, "upload-offset").parse().unwrap();
        if kept == 5 << 20 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!((4 << 20..=5 << 20).contains(&kept), "{kept}");
    let rest = vec![2_u8; (9 << 20) - kept];
    let range = format!("bytes {kept}-{}/{}", (9 << 20) - 1, 9 << 20);
    require(put(&stage, &cookie, &paths[0], &range, &rest).await, StatusCode::OK).await;
}

#[tokio::test]
async fn more_than_was_announced_is_refused() {
    let stage = Stage::open().await;
    let (_, paths) = announce(&stage, &[("a.csv", 3)]).await;
    let cookie = stage.cookie_of(ADA).await;
    require(put(&stage, &cookie, &paths[0], "", b"abcd").await, StatusCode::CONFLICT).await;
    for range in
        ["bytes 0-3/4", "bytes 0-3/3", "bytes 2-1/3", "bytes */3", "nonsense", "bytes 0-99999999999999999999/3"]
    {
        require(put(&stage, &cookie, &paths[0], range, b"abc").await, StatusCode::BAD_REQUEST).await;
    }
    require(put(&stage, &cookie, &paths[0], "bytes 0-2/*", b"abc").await, StatusCode::OK).await;
    require(put(&stage, &cookie, &paths[0], "", b"xyz").await, StatusCode::OK).await;
}

#[tokio::test]
async fn an_upload_is_its_owners_alone() {
    let stage = Stage::open().await;
    let (id, paths) = announce(&stage, &[("a.csv", 3)]).await;
    let (iris, ada) = (stage.cookie_of(IRIS).await, stage.cookie_of(ADA).await);
    require(put(&stage, &iris, &paths[0], "", b"abc").await, StatusCode::NOT_FOUND).await;
    require(put(&stage, "theme=dark", &paths[0], "", b"abc").await, StatusCode::UNAUTHORIZED).await;
    for path in [format!("/uploads/{id}/1"), format!("/uploads/{id}/x"), format!("/uploads/{}/0", Uuid::nil())] {
        require(put(&stage, &ada, &path, "", b"abc").await, StatusCode::NOT_FOUND).await;
    }
    stage.clock().advance(jiff::SignedDuration::from_hours(25));
    let later = stage.cookie_of(ADA).await;
    require(put(&stage, &later, &paths[0], "", b"abc").await, StatusCode::NOT_FOUND).await;
}
