//! What is in the log, and what must never be.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};
use tests::scene::IRIS;

use crate::stage::{ADA, PASSWORD, Stage};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Does with a house what people do, with a secret in every place that has one.
async fn act(stage: &Stage) -> Vec<String> {
    stage.give_password(IRIS).await;
    let entered = stage.sign_in(IRIS, PASSWORD).await;
    let token = entered.headers()["set-cookie"].to_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned();
    stage.sign_in(IRIS, "canary-wrong-password").await;
    stage.sign_in("canary-address", "canary-wrong-password").await;
    let path = stage.release_to(ADA).await;
    let cookie = stage.cookie_of(ADA).await;
    stage.get(&path).header("cookie", &cookie).send().await.unwrap().bytes().await.unwrap();
    stage.get(&path).send().await.unwrap();
    stage.get("/nowhere?ticket=canary-query").header("referer", "http://canary-referrer/").send().await.unwrap();
    stage
        .get("/livez")
        .bearer_auth("lgk_canary-key.canary-secret")
        .header("user-agent", "canary-agent")
        .send()
        .await
        .unwrap();
    let document = json!({ "query": "query canary { viewer { name } }", "variables": { "reason": "canary-reason" } });
    let call = stage.call(Method::POST, "/graphql").header("cookie", &cookie).header("idempotency-key", "canary-call");
    call.json(&document).send().await.unwrap();
    let secret = path.rsplit('/').next().unwrap().to_owned();
    vec![token, secret, cookie.replace("lockgate=", ""), PASSWORD.to_owned(), "canary".to_owned()]
}

#[tokio::test]
async fn the_log_names_calls_and_holds_no_secret() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let stage = Stage::open().await;
    let secrets = act(&stage).await;
    let log = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    // What the client side of this test logs about itself is no log of the house.
    let ours = |line: &&str| {
        let target = serde_json::from_str::<Value>(line).unwrap()["target"].as_str().unwrap().to_owned();
        !["reqwest", "hyper_util::client"].iter().any(|client| target.starts_with(client))
    };
    let lines: Vec<&str> = log.lines().filter(ours).collect();
    for secret in secrets {
        let leak = lines.iter().find(|line| line.contains(&secret));
        assert!(leak.is_none(), "{secret} is in {leak:?}");
    }
    let calls: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["fields"]["message"] == "answered")
        .collect();
    assert!(calls.len() >= 8, "{}", calls.len());
    assert!(calls.iter().all(|call| call["span"]["reference"].is_string() && call["fields"]["status"].is_u64()));
    assert!(calls.iter().any(|call| call["span"]["route"] == "/downloads/{request}/{secret}"));
}
