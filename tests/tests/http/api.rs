//! GraphQL over HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::scene::IRIS;

use crate::stage::{Stage, header};

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";

#[tokio::test]
async fn the_status_says_what_the_media_type_lets_it_say() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    for (body, accept, status, has_data) in [
        (json!({ "query": "{ viewer { name } }" }), JSON, StatusCode::OK, true),
        (json!({ "query": "{ viewer { name } }" }), RESPONSE, StatusCode::OK, true),
        (json!({ "query": "{ nothing }" }), JSON, StatusCode::OK, false),
        (json!({ "query": "{ nothing }" }), RESPONSE, StatusCode::BAD_REQUEST, false),
        (json!({ "query": "{" }), JSON, StatusCode::OK, false),
        (json!({ "query": "{" }), RESPONSE, StatusCode::BAD_REQUEST, false),
        (json!({ "query": 7 }), JSON, StatusCode::BAD_REQUEST, false),
        (json!({ "query": 7 }), RESPONSE, StatusCode::BAD_REQUEST, false),
        (json!([{ "query": "{ viewer { name } }" }]), JSON, StatusCode::BAD_REQUEST, false),
    ] {
        for path in ["/graphql"] {
            let call = stage.call(Method::POST, path).header("cookie", &cookie).header("accept", accept);
            let response = call.json(&body).send().await.unwrap();
            assert_eq!(response.status(), status, "{body} {accept}");
            assert_eq!(header(&response, "content-type"), format!("{accept}; charset=utf-8"));
            let reference = header(&response, "x-request-id").to_owned();
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer.get("data").is_some(), has_data, "{answer}");
            if !has_data {
                assert_eq!(answer["errors"][0]["extensions"]["correlationId"], reference.as_str(), "{answer}");
                assert!(answer["errors"][0]["extensions"]["code"].is_string());
            }
        }
    }
}

#[tokio::test]
async fn a_get_reads_and_a_mutation_is_posted() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let get = |query: &str| stage.get("/graphql").query(&[("query", query)]).header("cookie", &cookie).send();
    let read = get("{ viewer { name } }").await.unwrap();
    assert_eq!(read.status(), StatusCode::OK);
    let changed = get("mutation { x: __typename }").await.unwrap();
    assert_eq!((changed.status(), header(&changed, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn the_predecessors_schema_has_its_own_address() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let call = stage.call(Method::POST, "/predecessor/graphql").header("cookie", &cookie);
    let body = json!({ "query": "{ listRequests { egress_request_id } }" });
    let answer: Value = call.json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({ "data": { "listRequests": [] } }));
}

#[tokio::test]
async fn a_call_that_is_too_large_is_refused_whole() {
    let stage = Stage::open().await;
    let cookie = stage.cookie_of(IRIS).await;
    let call = |query: String| {
        stage.call(Method::POST, "/graphql").header("cookie", &cookie).json(&json!({ "query": query })).send()
    };
    let large = call(format!("{{ viewer {{ name }} }} # {}", "x".repeat(70_000))).await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let long = call(format!("{{ {} }}", "a ".repeat(5_000))).await.unwrap();
    let answer: Value = long.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
}

#[tokio::test]
async fn a_name_of_a_call_that_cannot_be_one_is_refused() {
    let stage = Stage::open().await;
    let call = stage.call(Method::POST, "/graphql").header("cookie", stage.cookie_of(IRIS).await);
    let call = call.header("idempotency-key", "two words").json(&json!({ "query": "{ viewer { name } }" }));
    assert_eq!(call.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
}
