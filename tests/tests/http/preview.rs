//! Previews: the bytes of files under review.

use std::fs;

use reqwest::{Response, StatusCode};
use tests::builders::{NOTICE, person};
use tests::scene::{self, IRIS};
use workflow::actions::receive;
use workflow::domain::access::Look;
use workflow::domain::notice::Notice;

use crate::stage::{ADA, Stage, anywhere, header, require};

/// Brings files in and lets them come into review.
async fn review(stage: &Stage, files: &[(&str, &[u8])]) {
    let folder = stage.directory.path().join("files");
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    scene::load(&stage.scene.house, &Notice::parse(NOTICE.as_bytes()).unwrap(), &folder).await;
    receive::run(stage.ports(), NOTICE.as_bytes()).await.unwrap();
    stage.scene.settle().await;
}

async fn look(stage: &Stage, address: &str, index: &str) -> Response {
    let path = format!("/requests/{}/files/{index}", scene::sample_id());
    stage.get(&path).header("cookie", stage.cookie_of(address).await).send().await.unwrap()
}

#[tokio::test]
async fn what_could_act_is_shown_as_characters_or_saved() {
    let stage = Stage::open().await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice();
    let files: [(&str, &[u8]); 5] = [
        ("a.svg", svg),
        ("b.html", b"<!doctype html><script>alert(1)</script>"),
        ("c.png", b"\x89PNG\r\n\x1A\n...."),
        ("d.pdf", b"%PDF-1.7\0"),
        ("e.png", b"<script>alert(1)</script>"),
    ];
    review(&stage, &files).await;
    for (index, content_type, disposition) in [
        (0, "text/plain; charset=utf-8", "inline"),
        (1, "text/plain; charset=utf-8", "inline"),
        (2, "image/png", "inline"),
        (3, "application/octet-stream", "attachment; filename=\"file.bin\""),
        (4, "text/plain; charset=utf-8", "inline"),
    ] {
        let response = look(&stage, IRIS, &index.to_string()).await;
        assert_eq!(header(&response, "content-type"), content_type, "{index}");
        assert_eq!(header(&response, "content-disposition"), disposition, "{index}");
        assert_eq!(header(&response, "content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(response.bytes().await.unwrap().as_ref(), files[index].1);
    }
    let seen: Vec<String> = stage
        .accesses()
        .await
        .into_iter()
        .filter_map(|access| match access.what {
            Look::File { path, .. } => Some(format!("{} {path}", access.person.unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(seen, ["a.svg", "b.html", "c.png", "d.pdf", "e.png"].map(|name| format!("{IRIS} {name}")));
}

#[tokio::test]
async fn only_the_beginning_of_a_large_file_is_shown() {
    let stage = Stage::open_with(http::Settings { preview_bytes: 1000, ..anywhere() }).await;
    let (text, mut picture) = (vec![b'x'; 5000], b"\x89PNG\r\n\x1A\n".to_vec());
    picture.resize(5000, 7);
    review(&stage, &[("a.csv", &text), ("b.png", &picture)]).await;
    let response = look(&stage, ADA, "0").await;
    assert_eq!((header(&response, "lockgate-size"), header(&response, "lockgate-whole")), ("5000", "false"));
    assert_eq!(response.bytes().await.unwrap().len(), 1000);
    require(look(&stage, ADA, "1").await, StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test]
async fn who_may_not_see_the_request_sees_no_file() {
    let stage = Stage::open().await;
    review(&stage, &[("a.csv", b"1,2")]).await;
    stage.ports().people.save(&person("eve@example.ac.uk").build()).await.unwrap();
    require(look(&stage, "eve@example.ac.uk", "0").await, StatusCode::NOT_FOUND).await;
    require(look(&stage, "eve@example.ac.uk", "1").await, StatusCode::NOT_FOUND).await;
    for index in ["1", "-1", "x", "99999999999999999999"] {
        require(look(&stage, IRIS, index).await, StatusCode::NOT_FOUND).await;
    }
    let path = format!("/requests/{}/files/0", scene::sample_id());
    require(stage.get(&path).send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn files_that_are_not_kept_any_more_are_listed_and_not_linked() {
    let stage = Stage::open().await;
    let page = async || {
        let path = format!("/requests/{}", scene::sample_id());
        stage.get(&path).header("cookie", stage.cookie_of(IRIS).await).send().await.unwrap().text().await.unwrap()
    };
    review(&stage, &[("a.csv", b"1,2")]).await;
    assert!(page().await.contains("/look/0"));
    stage.scene.play(scene::Story::RELEASE).await;
    stage.scene.settle().await;
    let shown = page().await;
    assert!(shown.contains("a.csv") && !shown.contains("/look/"), "{shown}");
    let sentence = require(look(&stage, IRIS, "0").await, StatusCode::NOT_FOUND).await;
    assert!(sentence.contains("not kept here any more"), "{sentence}");
}
