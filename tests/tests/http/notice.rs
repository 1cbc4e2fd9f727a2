//! Notices as SNS delivers them.

use http::{Settings, Sns};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use workflow::domain::access::Look;
use workflow::domain::id::RequestId;
use workflow::ports::Ports;

use crate::stage::{Stage, anywhere, require};

const TOPIC: &str = "arn:aws:sns:eu-west-2:111122223333:demo-ldn-tre-EgressTopic";
const ID: &str = "7d9f3c52-3c5f-4d51-9a53-0c7d0a5f5e11";

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../testdata/sns/", $name))
    };
}

async fn stage() -> Stage {
    let sns = Sns { topics: [TOPIC.to_owned()].into(), certificates: vec![sample!("good.pem").to_owned()] };
    let stage = Stage::open_with(Settings { sns, ..anywhere() }).await;
    stage.clock().set("2030-01-07T09:00:00Z".parse().unwrap());
    stage
}

async fn deliver(stage: &Stage, body: impl Into<String>) -> Response {
    let call = stage.call(Method::POST, "/notices/sns").header("content-type", "text/plain; charset=UTF-8");
    call.body(body.into()).send().await.unwrap()
}

async fn is_there(ports: &Ports) -> bool {
    ports.requests.find(ID.parse::<RequestId>().unwrap()).await.unwrap().is_some()
}

#[tokio::test]
async fn a_signed_notice_begins_a_request_and_its_repetition_does_nothing() {
    for body in [sample!("notification-good-v1.json"), sample!("notification-good-v2.json")] {
        let stage = stage().await;
        let said = require(deliver(&stage, body).await, StatusCode::OK).await;
        assert_eq!(said, format!("Request {ID} has begun.\n"));
        for _ in 0..3 {
            let again = require(deliver(&stage, body).await, StatusCode::OK).await;
            assert_eq!(again, format!("This notice was taken before, as request {ID}.\n"));
        }
        assert!(is_there(stage.ports()).await);
    }
}

#[tokio::test]
async fn what_sns_did_not_sign_is_refused_logged_and_not_kept() {
    let stage = stage().await;
    let mut changed: Value = serde_json::from_str(sample!("notification-good-v2.json")).unwrap();
    changed["Message"] = changed["Message"].as_str().unwrap().replace("PENDING", "pending").into();
    let mut elsewhere: Value = serde_json::from_str(sample!("notification-good-v2.json")).unwrap();
    elsewhere["TopicArn"] = "arn:aws:sns:eu-west-2:111122223333:another".into();
    let raw = sample!("../platform/notice.json").to_owned();
    let forgeries = [
        sample!("notification-other-v1.json").to_owned(),
        sample!("notification-other-v2.json").to_owned(),
        changed.to_string(),
        elsewhere.to_string(),
        raw,
        String::new(),
    ];
    for body in &forgeries {
        require(deliver(&stage, body).await, StatusCode::FORBIDDEN).await;
    }
    assert!(!is_there(stage.ports()).await);
    assert!(stage.ports().intake.list(10).await.unwrap().is_empty(), "what anybody can send must not fill the disk");
    let codes: Vec<String> = stage
        .accesses()
        .await
        .into_iter()
        .filter_map(|access| match access.what {
            Look::Refused { code, .. } => Some(code),
            _ => None,
        })
        .collect();
    let expected = ["FORGED_NOTICE", "FORGED_NOTICE", "FORGED_NOTICE", "FOREIGN_TOPIC", "NO_NOTICE", "NO_NOTICE"];
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn a_confirmation_is_shown_to_operators_and_never_fetched() {
    let stage = stage().await;
    for body in [sample!("confirmation-good-v1.json"), sample!("confirmation-good-v2.json")] {
        require(deliver(&stage, body).await, StatusCode::OK).await;
    }
    let kept = stage.ports().intake.list(10).await.unwrap();
    assert_eq!(kept.len(), 1, "the same question is kept once");
    assert!(kept[0].reason.contains("https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription"));
}

#[tokio::test]
async fn a_house_without_topics_takes_no_notices() {
    let stage = Stage::open().await;
    require(deliver(&stage, sample!("notification-good-v2.json")).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_delivery_that_is_too_large_is_not_read() {
    let stage = stage().await;
    let response = deliver(&stage, "x".repeat(3 << 20)).await;
    require(response, StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test]
async fn a_flood_of_forgeries_does_not_fill_the_access_log() {
    let stage = stage().await;
    for _ in 0..60 {
        require(deliver(&stage, "{}").await, StatusCode::FORBIDDEN).await;
    }
    let recorded = stage.accesses().await.len();
    assert!((20..30).contains(&recorded), "{recorded}");
}
