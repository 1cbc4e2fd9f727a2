//! The first rows of the threat list: calls that claim to be somebody's, and calls that another site made a browser send.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::scene::{IRIS, OLGA};

use crate::stage::{PASSWORD, Stage, hex, require};

/// What a caller may carry, and whether it is somebody.
async fn table(stage: &Stage) -> Vec<(&'static str, Vec<(&'static str, String)>, bool)> {
    let good = stage.cookie_of(IRIS).await;
    let token = good.strip_prefix("lockgate=").unwrap().to_owned();
    let other = stage.cookie_of(OLGA).await;
    let flipped = token.chars().rev().collect::<String>();
    let id = "0123456789abcdef0123456789abcdef";
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJpcmlzIn0.";
    let cookie = |text: String| vec![("cookie", text)];
    let bearer = |text: String| vec![("authorization", format!("Bearer {text}"))];
    vec![
        ("a session", cookie(good.clone()), true),
        ("nothing", vec![], false),
        ("an empty cookie", cookie("lockgate=".into()), false),
        ("a forged token", cookie(format!("lockgate={}", hex(&[7; 32]))), false),
        ("a token backwards", cookie(format!("lockgate={flipped}")), false),
        ("a shortened token", cookie(format!("lockgate={}", &token[..63])), false),
        ("a lengthened token", cookie(format!("lockgate={token}0")), false),
        ("a token in capitals", cookie(format!("lockgate={}", token.to_uppercase())), false),
        ("a token of other quotes", cookie(format!("lockgate=\"{token}\"")), false),
        ("another cookie's name", cookie(format!("session={token}")), false),
        ("the name in capitals", cookie(format!("LOCKGATE={token}")), false),
        ("two sessions", cookie(format!("{good}; {other}")), false),
        ("a wildcard", cookie("lockgate=%".repeat(64)), false),
        ("an injection", cookie("lockgate=' OR 1=1 --".into()), false),
        ("a token as a bearer", bearer(token.clone()), false),
        ("a key that there is none of", bearer(format!("lgk_{id}.{}", hex(&[1; 32]))), false),
        ("a key without a secret", bearer(format!("lgk_{id}.")), false),
        ("a key without an id", bearer(format!("lgk_.{}", hex(&[1; 32]))), false),
        ("an unsigned token of an identity provider", bearer(jwt.into()), false),
        ("an empty bearer", bearer(String::new()), false),
        ("a password", vec![("authorization", "Basic aXJpczppcmlz".into())], false),
        ("a bad bearer beside a session", vec![("authorization", "Bearer x".into()), ("cookie", good)], false),
        ("a name in a header", vec![("x-forwarded-user", IRIS.into()), ("remote-user", IRIS.into())], false),
    ]
}

#[tokio::test]
async fn nobody_is_believed_without_proof() {
    let stage = Stage::open().await;
    for (what, headers, is_somebody) in table(&stage).await {
        let mut call = stage.call(Method::POST, "/graphql").json(&json!({ "query": "{ viewer { name } }" }));
        for (name, value) in headers {
            call = call.header(name, value);
        }
        let response = call.send().await.unwrap();
        let expected = if is_somebody { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(response.status(), expected, "{what}");
        let answer: serde_json::Value = response.json().await.unwrap();
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        assert_eq!(code, (!is_somebody).then_some("UNAUTHENTICATED"), "{what}: {answer}");
    }
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_change_anything() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let forms = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"];
    let routes = [
        (Method::POST, "/graphql"),
        (Method::POST, "/predecessor/graphql"),
        (Method::POST, "/session"),
        (Method::DELETE, "/session"),
        (Method::DELETE, "/sessions"),
        (Method::PUT, "/uploads/0123/0"),
        (Method::POST, "/notices/sns"),
        (Method::POST, "/sign-in"),
        (Method::POST, "/anything"),
    ];
    let signs = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];
    for (method, path) in &routes {
        for form in forms {
            for (name, value) in signs {
                let call = stage.call(method.clone(), path).header("cookie", &cookie).header(name, value);
                let response = call.header("content-type", form).body("query={viewer{name}}").send().await.unwrap();
                assert_eq!(response.status(), StatusCode::FORBIDDEN, "{method} {path} with {name}: {value}");
            }
        }
    }
    assert_eq!(stage.viewer(&cookie).await.as_deref(), Some(IRIS), "the session was not ended either");
}

#[tokio::test]
async fn a_form_without_an_origin_is_no_call_of_the_api() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    for form in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""] {
        let call = stage.call(Method::POST, "/graphql").header("cookie", &cookie).header("content-type", form);
        let response = call.body(r#"{"query":"{ viewer { name } }"}"#).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{form}");
    }
    let typed = format!("email={IRIS}&password={PASSWORD}");
    let call = stage.call(Method::POST, "/session").header("content-type", "application/x-www-form-urlencoded");
    require(call.body(typed).send().await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
}

#[tokio::test]
async fn a_page_of_our_own_may_post() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    for (name, value) in [("sec-fetch-site", "same-origin"), ("origin", stage.url.as_str())] {
        let call = stage.call(Method::POST, "/graphql").header("cookie", &cookie).header(name, value);
        let response = call.json(&json!({ "query": "{ viewer { name } }" })).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
    }
}
