//! Events: a page follows where a request stands.

use futures_util::{Stream, StreamExt};
use reqwest::StatusCode;
use serde_json::Value;
use tests::builders::{NOTICE, person};
use tests::scene::{self, IRIS, OLGA};
use workflow::actions::{abort, receive};
use workflow::domain::email::Email;
use workflow::domain::text::Reason;

use crate::stage::{ADA, Stage, require};

/// The next event of a stream; none once it has ended.
async fn next<B: AsRef<[u8]>>(stream: &mut (impl Stream<Item = reqwest::Result<B>> + Unpin)) -> Option<Value> {
    loop {
        let text = String::from_utf8(stream.next().await?.ok()?.as_ref().to_vec()).unwrap();
        if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) {
            return Some(serde_json::from_str(data).unwrap());
        }
    }
}

async fn in_review(stage: &Stage) {
    receive::run(stage.ports(), NOTICE.as_bytes()).await.unwrap();
    stage.scene.settle().await;
}

#[tokio::test]
async fn a_page_learns_where_the_request_stands_now_and_whenever_it_moves() {
    let stage = Stage::open().await;
    in_review(&stage).await;
    let cookie = stage.cookie_of(ADA).await;
    let path = format!("/events/{}", scene::sample_id());
    let response = stage.get(&path).header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.bytes_stream();
    let first = next(&mut stream).await.unwrap();
    assert_eq!(first["status"], "in_review");
    let olga = stage.scene.caller(OLGA).await;
    let reason = Reason::parse("the platform asked for it").unwrap();
    abort::run(stage.ports(), &olga, scene::sample_id(), reason).await.unwrap();
    let second = next(&mut stream).await.unwrap();
    assert!(second["version"].as_u64() > first["version"].as_u64());
}

#[tokio::test]
async fn who_may_not_see_a_request_does_not_follow_it() {
    let stage = Stage::open().await;
    in_review(&stage).await;
    stage.ports().people.save(&person("eve@example.ac.uk").build()).await.unwrap();
    let eve = stage.cookie_of("eve@example.ac.uk").await;
    let path = format!("/events/{}", scene::sample_id());
    let missing = "/events/00000000-0000-4000-8000-000000000000";
    let hidden = require(stage.get(&path).header("cookie", &eve).send().await.unwrap(), StatusCode::NOT_FOUND).await;
    let absent = require(stage.get(missing).header("cookie", &eve).send().await.unwrap(), StatusCode::NOT_FOUND).await;
    assert_eq!(hidden, absent);
    require(stage.get(&path).send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn the_stream_of_somebody_who_is_shut_out_ends() {
    let stage = Stage::open().await;
    in_review(&stage).await;
    let cookie = stage.cookie_of(IRIS).await;
    let path = format!("/events/{}", scene::sample_id());
    let mut stream = stage.get(&path).header("cookie", cookie).send().await.unwrap().bytes_stream();
    next(&mut stream).await.unwrap();
    let mut iris = stage.ports().people.by_email(&Email::parse(IRIS).unwrap()).await.unwrap().unwrap();
    iris.disabled = true;
    stage.ports().people.save(&iris).await.unwrap();
    assert_eq!(next(&mut stream).await, None);
}
