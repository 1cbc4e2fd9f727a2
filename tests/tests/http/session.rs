//! Sessions: which are good, and how they end.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use tests::scene::{IRIS, RITA};
use workflow::domain::email::Email;

use crate::stage::{Stage, header, require};

#[tokio::test]
async fn a_session_ends_when_it_was_not_used() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    for _ in 0..5 {
        stage.clock().advance(SignedDuration::from_mins(59));
        assert_eq!(stage.viewer(&cookie).await.as_deref(), Some(IRIS), "it is used once an hour");
    }
    stage.clock().advance(SignedDuration::from_mins(60));
    assert_eq!(stage.viewer(&cookie).await, None);
}

#[tokio::test]
async fn a_session_ends_however_much_it_is_used() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    for _ in 0..23 {
        stage.clock().advance(SignedDuration::from_mins(30));
        assert!(stage.viewer(&cookie).await.is_some());
    }
    stage.clock().advance(SignedDuration::from_mins(30));
    assert_eq!(stage.viewer(&cookie).await, None);
}

#[tokio::test]
async fn who_leaves_is_gone() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let left = stage.call(Method::DELETE, "/session").header("cookie", &cookie).send().await.unwrap();
    assert!(header(&left, "set-cookie").contains("lockgate=; Path=/; Max-Age=0"));
    assert_eq!(stage.viewer(&cookie).await, None);
    let again = stage.call(Method::DELETE, "/session").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn leaving_everywhere_ends_ones_own_sessions_and_no_others() {
    let stage = Stage::open().await;
    let (here, there, rita) = (stage.cookie_of(IRIS).await, stage.cookie_of(IRIS).await, stage.cookie_of(RITA).await);
    stage.call(Method::DELETE, "/sessions").header("cookie", &here).send().await.unwrap();
    assert_eq!((stage.viewer(&here).await, stage.viewer(&there).await), (None, None));
    assert_eq!(stage.viewer(&rita).await.as_deref(), Some(RITA));
    require(stage.call(Method::DELETE, "/sessions").send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn an_operator_ends_all_sessions_of_somebody() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let identity = stage.scene.caller(IRIS).await.who.identities.first().unwrap().clone();
    assert_eq!(stage.ports().sessions.close_all(Some(&identity)).await.unwrap(), 1);
    assert_eq!(stage.viewer(&cookie).await, None);
}

#[tokio::test]
async fn who_is_shut_out_is_out_at_once() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let mut iris = stage.ports().people.by_email(&Email::parse(IRIS).unwrap()).await.unwrap().unwrap();
    iris.disabled = true;
    stage.ports().people.save(&iris).await.unwrap();
    assert_eq!(stage.viewer(&cookie).await, None);
}

#[tokio::test]
async fn the_row_of_a_session_is_no_session() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let token = cookie.strip_prefix("lockgate=").unwrap();
    let digest = workflow::domain::digest::Digest::of(token.as_bytes());
    assert_eq!(stage.viewer(&format!("lockgate={}", digest.hex())).await, None);
    assert_eq!(stage.viewer(&cookie).await.as_deref(), Some(IRIS));
}
