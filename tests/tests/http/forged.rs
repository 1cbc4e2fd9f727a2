//! Sessions that an attacker prepared, and input that claims what only the house may say.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tests::scene::{IRIS, OLGA, RITA};

use crate::stage::{PASSWORD, Stage, header, hex};

fn cookie(response: &Response) -> String {
    header(response, "set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_that_was_prepared_for_somebody_never_becomes_theirs() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    let of_rita = stage.cookie_of(RITA).await;
    let never_given = format!("lockgate={}", hex(&[9; 32]));
    for planted in [never_given, of_rita] {
        let typed = json!({ "email": IRIS, "password": PASSWORD });
        let call = stage.call(Method::POST, "/session").header("cookie", &planted).json(&typed);
        let given = cookie(&call.send().await.unwrap());
        assert_ne!(given, planted);
        assert_eq!(stage.viewer(&given).await.as_deref(), Some(IRIS));
        assert_ne!(stage.viewer(&planted).await.as_deref(), Some(IRIS), "who planted it is not Iris");
    }
}

#[tokio::test]
async fn a_refused_sign_in_gives_nothing_and_takes_nothing() {
    let stage = Stage::open().await;
    stage.give_password(IRIS).await;
    let before = stage.cookie_of(IRIS).await;
    let typed = json!({ "email": IRIS, "password": "not the password" });
    let call = stage.call(Method::POST, "/session").header("cookie", &before).json(&typed);
    let refused = call.send().await.unwrap();
    assert_eq!((refused.status(), header(&refused, "set-cookie")), (StatusCode::UNAUTHORIZED, ""));
    assert_eq!(stage.viewer(&before).await.as_deref(), Some(IRIS));
}

#[tokio::test]
async fn a_form_of_ours_that_is_replayed_after_the_session_ended_does_nothing() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    stage.call(Method::DELETE, "/session").header("cookie", &cookie).send().await.unwrap();
    let form = [("email", IRIS), ("text", "said by nobody")];
    for path in
        ["/requests/x/comment", "/requests/x/decide", "/requests/x/withdraw", "/submit", "/operate/mail/x/retry"]
    {
        let call = stage.call(Method::POST, path).header("cookie", &cookie).header("sec-fetch-site", "same-origin");
        let answer = call.form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.text().await.unwrap().contains("Nothing was recorded"), "{path}");
    }
}

#[tokio::test]
async fn nothing_in_a_call_says_who_calls() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let query = "{ viewer { email } }";
    for body in [
        json!({ "query": query, "user": OLGA, "person": { "email": OLGA }, "as": OLGA }),
        json!({ "query": query, "extensions": { "user": OLGA, "claims": { "groups": ["operators"] } } }),
        json!({ "query": query, "variables": { "viewer": OLGA, "by": OLGA } }),
    ] {
        let mut call = stage.call(Method::POST, "/graphql").header("cookie", &cookie).json(&body);
        for name in
            ["x-user", "x-forwarded-user", "x-forwarded-email", "x-amzn-oidc-data", "cf-access-user", "x-remote-user"]
        {
            call = call.header(name, OLGA);
        }
        let answer: Value = call.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["viewer"]["email"], IRIS, "{body}");
    }
    for claim in ["by", "person", "email", "user", "decidedBy", "groups", "status", "at", "token"] {
        let document = format!(
            "mutation {{ decide(input: {{ request: \"x\", round: 1, stage: \"s\", manifestDigest: \"d\", opinion: APPROVE, \
             {claim}: \"{OLGA}\" }}) {{ __typename }} }}"
        );
        let answer = stage.query(&cookie, &document).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_DOCUMENT", "{claim}: {answer}");
    }
}
