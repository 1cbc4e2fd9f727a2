//! What every answer carries, whoever asks for what.

use reqwest::{Method, StatusCode};
use tests::scene::IRIS;
use workflow::actions;

use crate::stage::{Stage, anywhere, header, require};

const ROUTES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/nowhere"),
    ("POST", "/graphql"),
    ("GET", "/graphql?query=%7Bviewer%7Bname%7D%7D"),
    ("PATCH", "/graphql"),
    ("POST", "/predecessor/graphql"),
    ("POST", "/session"),
    ("DELETE", "/session"),
    ("DELETE", "/sessions"),
    ("GET", "/session"),
    ("PUT", "/uploads/x/0"),
    ("HEAD", "/uploads/x/0"),
    ("GET", "/downloads/x/y"),
    ("GET", "/requests/x/files/0"),
    ("GET", "/events/x"),
    ("POST", "/notices/sns"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/version"),
    ("GET", "/metrics"),
];

#[tokio::test]
async fn every_answer_is_protected_and_named() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    for (method, path) in ROUTES {
        for cookie in ["", cookie.as_str()] {
            let call = stage.call(method.parse::<Method>().unwrap(), path).header("cookie", cookie);
            let response = call.send().await.unwrap();
            for (name, part) in [
                ("content-security-policy", "default-src 'none'"),
                ("content-security-policy", "frame-ancestors 'none'"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("permissions-policy", "camera=()"),
                ("cache-control", "no-store"),
                ("x-request-id", "-"),
            ] {
                assert!(header(&response, name).contains(part), "{method} {path}: {name}: {}", header(&response, name));
            }
            assert!(!header(&response, "content-security-policy").contains("unsafe"));
            assert_eq!(header(&response, "strict-transport-security"), "", "only over TLS");
            assert_eq!(header(&response, "access-control-allow-origin"), "", "no other site may read anything");
            assert_ne!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn over_a_network_browsers_are_told_to_stay_with_tls() {
    let stage = Stage::open_with(http::Settings { profile: http::Profile::Network, ..anywhere() }).await;
    let response = stage.get("/livez").send().await.unwrap();
    assert!(header(&response, "strict-transport-security").starts_with("max-age=31536000"));
}

#[tokio::test]
async fn a_bug_is_a_sentence_with_a_reference() {
    let pages =
        axum::Router::new().route("/bug", axum::routing::get(async || -> String { panic!("a bug, canary-panic") }));
    let stage = Stage::open_house(anywhere(), |house| http::House { pages, ..house }).await;
    let response = stage.get("/bug").send().await.unwrap();
    let reference = header(&response, "x-request-id").to_owned();
    let sentence = require(response, StatusCode::INTERNAL_SERVER_ERROR).await;
    assert!(sentence.contains(&reference) && !sentence.contains("canary"), "{sentence}");
    require(stage.get("/livez").send().await.unwrap(), StatusCode::OK).await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_given_up() {
    let never = axum::routing::get(std::future::pending::<()>);
    let pages = axum::Router::new().route("/never", never);
    let settings = http::Settings { answer_within: std::time::Duration::from_millis(50), ..anywhere() };
    let stage = Stage::open_house(settings, |house| http::House { pages, ..house }).await;
    require(stage.get("/never").send().await.unwrap(), StatusCode::SERVICE_UNAVAILABLE).await;
}

#[tokio::test]
async fn more_calls_than_there_is_room_for_are_asked_to_come_back() {
    let entered = std::sync::Arc::new(tokio::sync::Notify::new());
    let notify = entered.clone();
    let route = axum::routing::get(async move || {
        notify.notify_one();
        std::future::pending::<()>().await;
    });
    let pages = axum::Router::new().route("/hold", route);
    let settings = http::Settings { calls_at_once: 1, ..anywhere() };
    let stage = Stage::open_house(settings, |house| http::House { pages, ..house }).await;
    let held = tokio::spawn(stage.get("/hold").send());
    entered.notified().await;
    let refused = stage.get("/livez").send().await.unwrap();
    assert_eq!(header(&refused, "retry-after"), "5");
    require(refused, StatusCode::SERVICE_UNAVAILABLE).await;
    held.abort();
}

#[tokio::test]
async fn a_house_says_that_it_lives_is_ready_and_which_it_is() {
    let stage = Stage::open().await;
    require(stage.get("/livez").send().await.unwrap(), StatusCode::OK).await;
    let ready = require(stage.get("/readyz").send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(ready, r#"{"failing":[],"ready":true}"#);
    let version = require(stage.get("/version").send().await.unwrap(), StatusCode::OK).await;
    assert!(version.contains("\"lockgate\""));
}

#[tokio::test]
async fn who_is_not_ready_names_what_fails() {
    let stage = Stage::open().await;
    let database = stage.directory.path().join("house/lockgate.db");
    rusqlite::Connection::open(&database).unwrap().execute_batch("DROP TABLE objects").unwrap();
    let said = require(stage.get("/readyz").send().await.unwrap(), StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(said, r#"{"failing":["object store"],"ready":false}"#);
}

#[tokio::test]
async fn metrics_count_without_labels_that_callers_choose() {
    let stage = Stage::open().await;
    stage.sign_in("canary-person@example.ac.uk", "canary-password").await;
    for path in ["/canary-page", "/downloads/canary-request/canary-secret", "/requests/canary/files/7?ticket=canary"] {
        stage.get(path).send().await.unwrap();
    }
    let text = require(stage.get("/metrics").send().await.unwrap(), StatusCode::OK).await;
    for line in [
        "lockgate_calls_total{route=\"page\",status=\"404\"} 1",
        "lockgate_calls_total{route=\"/downloads/{request}/{secret}\",status=\"401\"} 1",
        "lockgate_sign_ins_total{outcome=\"failed\"} 1",
        "lockgate_outbox_due 0",
        "lockgate_outbox_undeliverable 0",
        "lockgate_quarantined 0",
        "lockgate_failed_requests 0",
        "lockgate_oldest_waiting_seconds 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn figures_are_of_everything_and_not_of_a_page() {
    let stage = Stage::open().await;
    let stage = &stage;
    let put_aside = (0..1_001).map(|number| {
        let body = format!("no notice {number}");
        async move { actions::receive::run(stage.ports(), body.as_bytes()).await.unwrap() }
    });
    futures_util::future::join_all(put_aside).await;
    let text = require(stage.get("/metrics").send().await.unwrap(), StatusCode::OK).await;
    assert!(text.lines().any(|line| line == "lockgate_quarantined 1001"), "{text}");
}

#[tokio::test]
async fn whatever_is_refused_is_refused_in_a_sentence() {
    let stage = Stage::open().await;
    for (method, path, content_type, body, status) in [
        ("PATCH", "/session", "", "", StatusCode::METHOD_NOT_ALLOWED),
        ("POST", "/session", "text/plain", "", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("POST", "/session", "application/json", "{", StatusCode::BAD_REQUEST),
        ("POST", "/session", "application/json", "{}", StatusCode::UNPROCESSABLE_ENTITY),
        ("GET", "/downloads/%FF/x", "", "", StatusCode::UNAUTHORIZED),
    ] {
        let call = stage.call(method.parse::<Method>().unwrap(), path).header("content-type", content_type);
        let sentence = require(call.body(body).send().await.unwrap(), status).await;
        assert!(sentence.contains("; nothing was changed.") || sentence.contains("Sign in"), "{sentence}");
    }
    let large =
        stage.call(Method::POST, "/session").header("content-type", "application/json").body("x".repeat(300_000));
    require(large.send().await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE).await;
    let cookie = stage.cookie_of(IRIS).await;
    let unreadable = stage.get("/downloads/%FF/x").header("cookie", cookie).send().await.unwrap();
    require(unreadable, StatusCode::BAD_REQUEST).await;
}
