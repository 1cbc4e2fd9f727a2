//! Coming in with a password.

use reqwest::StatusCode;
use tests::scene::{IRIS, IVAN};
use workflow::domain::access::Look;
use workflow::domain::email::Email;

use crate::stage::{PASSWORD, Stage, anywhere, header, require};

fn token(response: &reqwest::Response) -> String {
    header(response, "set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_from_other_sites() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    let response = stage.sign_in(IRIS, PASSWORD).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let cookie = header(&response, "set-cookie").to_owned();
    for part in ["lockgate=", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Secure"),
        "plain names are for plain connections: {cookie}"
    );
    assert_eq!(stage.viewer(&token(&response)).await.as_deref(), Some(IRIS));
}

#[tokio::test]
async fn over_a_network_the_cookie_is_bound_to_tls_and_to_the_host() {
    let settings = http::Settings { profile: http::Profile::Network, ..anywhere() };
    let stage = Stage::open_with(settings).await;
    stage.give_password(IRIS).await;
    let response = stage.sign_in(IRIS, PASSWORD).await;
    let cookie = header(&response, "set-cookie");
    assert!(cookie.starts_with("__Host-lockgate=") && cookie.ends_with("; Secure"), "{cookie}");
    let plain = token(&response).replace("__Host-", "");
    assert_eq!(stage.viewer(&plain).await, None, "a cookie without the prefix could come from a neighbouring host");
}

#[tokio::test]
async fn signing_in_gives_a_new_session_and_ends_the_one_before() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    let first = token(&stage.sign_in(IRIS, PASSWORD).await);
    let typed = serde_json::json!({ "email": IRIS, "password": PASSWORD });
    let again =
        stage.call(reqwest::Method::POST, "/session").header("cookie", &first).json(&typed).send().await.unwrap();
    let second = token(&again);
    assert_ne!(first, second);
    assert_eq!(stage.viewer(&first).await, None);
    assert_eq!(stage.viewer(&second).await.as_deref(), Some(IRIS));
}

#[tokio::test]
async fn nobody_learns_whether_there_is_an_account() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    stage.give_password(IVAN).await;
    let mut ivan = stage.ports().people.by_email(&Email::parse(IVAN).unwrap()).await.unwrap().unwrap();
    ivan.disabled = true;
    stage.ports().people.save(&ivan).await.unwrap();
    let mut sentences = Vec::new();
    for (address, password) in
        [(IRIS, "wrong password, alas"), ("nobody@example.ac.uk", PASSWORD), (IVAN, PASSWORD), ("no address", PASSWORD)]
    {
        let response = stage.sign_in(address, password).await;
        assert_eq!(header(&response, "set-cookie"), "");
        sentences.push(require(response, StatusCode::UNAUTHORIZED).await);
    }
    assert!(sentences.iter().all(|sentence| *sentence == sentences[0]), "{sentences:?}");
}

#[tokio::test]
async fn every_try_is_on_the_access_log() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    stage.sign_in(IRIS, "wrong password, alas").await;
    stage.sign_in(IRIS, PASSWORD).await;
    let tries: Vec<_> = stage
        .accesses()
        .await
        .into_iter()
        .filter_map(|access| match access.what {
            Look::SignIn { succeeded } => Some((access.person.unwrap().to_string(), access.origin.unwrap(), succeeded)),
            _ => None,
        })
        .collect();
    let entry = |succeeded| (IRIS.to_owned(), "127.0.0.1".to_owned(), succeeded);
    assert_eq!(tries, [entry(false), entry(true)]);
}

#[tokio::test]
async fn who_guesses_is_asked_to_wait_and_nobody_else_is() {
    let stage = Stage::open_with(http::Settings { proxies: 1, ..anywhere() }).await;
    stage.give_password(IRIS).await;
    let attempt = async |from: &str, password: &str| {
        let typed = serde_json::json!({ "email": IRIS, "password": password });
        let call = stage.call(reqwest::Method::POST, "/session").header("x-forwarded-for", from);
        call.json(&typed).send().await.unwrap()
    };
    for _ in 0..10 {
        require(attempt("203.0.113.7", "wrong password, alas").await, StatusCode::UNAUTHORIZED).await;
    }
    let refused = attempt("6.6.6.6, 203.0.113.7", PASSWORD).await;
    let wait: u64 = header(&refused, "retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait));
    require(refused, StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(attempt("203.0.113.8", PASSWORD).await.status(), StatusCode::NO_CONTENT, "Iris is elsewhere");
}

#[tokio::test]
async fn a_new_password_ends_all_sessions() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    let cookie = token(&stage.sign_in(IRIS, PASSWORD).await);
    assert!(stage.viewer(&cookie).await.is_some());
    stage.give_password(IRIS).await;
    assert_eq!(stage.viewer(&cookie).await, None);
    let email = Email::parse(IRIS).unwrap();
    let short = http::account::set_password(stage.ports(), &email, "short").await.unwrap_err();
    assert_eq!(short.to_string(), "a password has 12 to 256 characters; this one has 5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_is_turned_away_and_the_house_goes_on() {
    let stage = Stage::open_with(http::Settings { proxies: 1, ..anywhere() }).await;
    stage.give_password(IRIS).await;
    let attempt = |number: u32| {
        let typed = serde_json::json!({ "email": format!("p{number}@example.ac.uk"), "password": "guessed at random" });
        let from = format!("203.0.{}.{}", number / 250, number % 250);
        stage.call(reqwest::Method::POST, "/session").header("x-forwarded-for", from).json(&typed).send()
    };
    let tries = futures_util::future::join_all((0..200).map(attempt)).await;
    let statuses: Vec<u16> = tries.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    // Two are computed and sixty-four wait; the others are told at once, and asked to come back.
    assert_eq!(count(401) + count(503), 200, "{statuses:?}");
    assert!(count(401) >= 66 && count(503) > 0, "{} wrong, {} turned away", count(401), count(503));
    require(stage.get("/livez").send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(stage.sign_in(IRIS, PASSWORD).await.status(), StatusCode::NO_CONTENT);
}
