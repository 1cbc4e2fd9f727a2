//! Keys of machines.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::scene::IRIS;
use workflow::domain::text::Title;
use workflow::ports::sessions::{ApiKey, KeyScope};

use crate::stage::{Stage, anywhere, require};

async fn add(stage: &Stage, scopes: &[KeyScope]) -> (ApiKey, String) {
    let identity = stage.scene.caller(IRIS).await.who.identities.first().unwrap().clone();
    let label = Title::parse("nightly export").unwrap();
    let scopes: BTreeSet<KeyScope> = scopes.iter().copied().collect();
    let expires_at = stage.ports().clock.now() + SignedDuration::from_hours(1);
    http::key::add(stage.ports(), identity, (label, scopes), expires_at).await.unwrap()
}

async fn acts_as(stage: &Stage, key: &str) -> Option<String> {
    let call = stage.call(Method::POST, "/graphql").bearer_auth(key);
    let answer: Value =
        call.json(&json!({ "query": "{ viewer { name } }" })).send().await.unwrap().json().await.unwrap();
    answer["data"]["viewer"]["name"].as_str().map(ToOwned::to_owned)
}

#[tokio::test]
async fn a_key_acts_for_its_person_until_it_ends() {
    let stage = Stage::open().await;
    let (key, text) = add(&stage, &[KeyScope::Act]).await;
    assert_eq!(acts_as(&stage, &text).await.as_deref(), Some(IRIS));
    let (id, secret) = text.split_once('.').unwrap();
    assert_eq!(acts_as(&stage, &format!("{id}.{}", key.secret.hex())).await, None, "the row of a key is no key");
    let forged: String = secret.chars().rev().collect();
    assert_eq!(acts_as(&stage, &format!("{id}.{forged}")).await, None);
    stage.clock().advance(SignedDuration::from_hours(1));
    assert_eq!(acts_as(&stage, &text).await, None);
}

#[tokio::test]
async fn a_key_that_was_revoked_is_none() {
    let stage = Stage::open().await;
    let (key, text) = add(&stage, &[KeyScope::Act]).await;
    stage.ports().sessions.revoke_key(&key.id, stage.ports().clock.now()).await.unwrap();
    assert_eq!(acts_as(&stage, &text).await, None);
}

#[tokio::test]
async fn a_key_for_metrics_reads_them_from_afar_and_acts_for_nobody() {
    let stage = Stage::open_with(http::Settings { proxies: 1, ..anywhere() }).await;
    let (_, metrics) = add(&stage, &[KeyScope::Metrics]).await;
    let (_, act) = add(&stage, &[KeyScope::Act]).await;
    assert_eq!(acts_as(&stage, &metrics).await, None);
    let read = |key: Option<String>| {
        let call = stage.get("/metrics").header("x-forwarded-for", "203.0.113.7");
        key.map_or_else(|| call.try_clone().unwrap(), |key| call.try_clone().unwrap().bearer_auth(key)).send()
    };
    let text = require(read(Some(metrics)).await.unwrap(), StatusCode::OK).await;
    assert!(text.contains("lockgate_oldest_waiting_seconds 0"));
    require(read(Some(act)).await.unwrap(), StatusCode::FORBIDDEN).await;
    require(read(None).await.unwrap(), StatusCode::FORBIDDEN).await;
}
