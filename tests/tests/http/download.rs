//! Downloads: whose tickets are good, and how a broken download goes on.

use std::process::Command;

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use tests::builders::person;
use tests::scene::{IRIS, IVAN, RITA};
use workflow::domain::access::Look;

use crate::stage::{ADA, Stage, header, require};

#[tokio::test]
async fn the_requester_gets_the_archive_as_a_file() {
    let stage = Stage::open().await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    let response = stage.get(&path).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    for (name, value) in [
        ("content-type", "application/zip"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(header(&response, name), value);
    }
    assert!(header(&response, "content-disposition").starts_with("attachment; filename=\"egress-"));
    let bytes = response.bytes().await.unwrap();
    let archive = stage.scene.request().await.unwrap().release.unwrap().archive.unwrap();
    assert_eq!(workflow::domain::digest::Digest::of(&bytes), archive.digest);
    let downloads = stage.accesses().await.into_iter().filter(|access| matches!(access.what, Look::Download { .. }));
    assert_eq!(downloads.count(), 1);
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke_off() {
    let stage = Stage::open().await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    let get = |headers: &[(&str, &str)]| {
        let call = stage.get(&path).header("cookie", &cookie);
        headers.iter().fold(call, |call, (name, value)| call.header(*name, *value)).send()
    };
    let whole = get(&[]).await.unwrap();
    let tag = header(&whole, "etag").to_owned();
    let whole = whole.bytes().await.unwrap();
    let size = whole.len();
    let rest = get(&[("range", "bytes=100-"), ("if-range", &tag)]).await.unwrap();
    assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(header(&rest, "content-range"), format!("bytes 100-{}/{size}", size - 1));
    assert_eq!(rest.bytes().await.unwrap(), whole.slice(100..));
    let last = get(&[("range", "bytes=-7")]).await.unwrap();
    assert_eq!(last.bytes().await.unwrap(), whole.slice(size - 7..));
    let changed = get(&[("range", "bytes=100-"), ("if-range", "\"another\"")]).await.unwrap();
    assert_eq!((changed.status(), changed.bytes().await.unwrap().len()), (StatusCode::OK, size));
    let beyond = get(&[("range", &format!("bytes={size}-"))]).await.unwrap();
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{size}"));
    require(beyond, StatusCode::RANGE_NOT_SATISFIABLE).await;
    let head = stage.call(Method::HEAD, &path).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(header(&head, "content-length"), size.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_goes_on_with_a_broken_download() {
    let stage = Stage::open().await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    let whole = stage.get(&path).header("cookie", &cookie).send().await.unwrap().bytes().await.unwrap();
    let file = stage.directory.path().join("egress.zip");
    std::fs::write(&file, &whole[..whole.len() / 3]).unwrap();
    let curl = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--continue-at", "-", "--cookie", &cookie, "--output"])
        .arg(&file)
        .arg(format!("{}{path}", stage.url))
        .output()
        .expect("curl is one of the tools that the tests need");
    assert!(curl.status.success(), "{}", String::from_utf8_lossy(&curl.stderr));
    assert_eq!(std::fs::read(&file).unwrap(), whole);
}

#[tokio::test]
async fn a_ticket_is_good_for_its_holder_alone() {
    let stage = Stage::open().await;
    let path = stage.release_to(ADA).await;
    let secret = path.rsplit('/').next().unwrap().to_owned();
    stage.ports().people.save(&person("eve@example.ac.uk").build()).await.unwrap();
    let other = "/downloads/00000000-0000-4000-8000-000000000000/";
    let grant = stage.grant_to(IRIS).await;
    for (whose, path, status) in [
        (Some(IVAN), path.clone(), StatusCode::FORBIDDEN),
        (Some(IRIS), path.clone(), StatusCode::FORBIDDEN),
        (Some(ADA), grant, StatusCode::FORBIDDEN),
        (Some(RITA), path.clone(), StatusCode::FORBIDDEN),
        (Some("eve@example.ac.uk"), path.clone(), StatusCode::NOT_FOUND),
        (None, path.clone(), StatusCode::UNAUTHORIZED),
        (Some(ADA), format!("{other}{secret}"), StatusCode::NOT_FOUND),
        (Some(ADA), path.replace(&secret, &secret.replace('a', "b")), StatusCode::FORBIDDEN),
        (Some(ADA), path.replace(&secret, "x"), StatusCode::FORBIDDEN),
        (Some(ADA), format!("/downloads/nonsense/{secret}"), StatusCode::NOT_FOUND),
        (Some(ADA), path.clone(), StatusCode::OK),
    ] {
        let mut call = stage.get(&path);
        if let Some(address) = whose {
            call = call.header("cookie", stage.cookie_of(address).await);
        }
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), status, "{whose:?} {path}");
    }
}

#[tokio::test]
async fn a_ticket_ends() {
    let stage = Stage::open().await;
    let path = stage.release_to(ADA).await;
    stage.clock().advance(SignedDuration::from_hours(2));
    let cookie = stage.cookie_of(ADA).await;
    let sentence =
        require(stage.get(&path).header("cookie", &cookie).send().await.unwrap(), StatusCode::FORBIDDEN).await;
    assert!(sentence.contains("expired"), "{sentence}");
}

#[tokio::test]
async fn revoking_kills_tickets_at_once() {
    let stage = Stage::open().await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    stage.revoke().await;
    let sentence =
        require(stage.get(&path).header("cookie", &cookie).send().await.unwrap(), StatusCode::CONFLICT).await;
    assert!(sentence.contains("revoked"), "{sentence}");
}
