//! The abuse that GraphQL invites, as far as the schema answers it. What is about HTTP (batches, GET, form posts,
//! consoles) is tested where HTTP is.

use graphql::{Profile, limits};
use serde_json::{Value, json};
use tests::scene::{IRIS, OLGA};
use workflow::domain::policy::Policy;

use crate::stage::{AUDREY, Stage, id};

async fn stage() -> Stage {
    Stage::in_review(Policy::TWO_STAGE).await
}

fn code(response: &Value) -> &str {
    assert!(response["data"].is_null(), "{response:#}");
    response["errors"][0]["extensions"]["code"].as_str().unwrap()
}

fn repeated(count: usize, field: impl Fn(usize) -> String) -> String {
    (0..count).map(field).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_are_bounded_and_three_mutations_do_not_fit() {
    let stage = stage().await;
    for one in ["__typename", "viewer { name }"] {
        let many = format!("{{ {} }}", repeated(limits::ALIASES + 1, |n| format!("a{n}: {one}")));
        assert_eq!(code(&stage.call(IRIS, &many, json!({})).await), "TOO_COMPLEX", "{one}");
    }
    let comment =
        |n: usize| format!("c{n}: comment(input: {{ request: \"{}\", text: \"{n}\" }}) {{ __typename }}", id());
    let three = format!("mutation {{ {} }}", repeated(3, comment));
    assert_eq!(code(&stage.call(IRIS, &three, json!({})).await), "TOO_COMPLEX");
    let before = stage.scene.request().await.unwrap().version();
    let two = format!("mutation {{ {} }}", repeated(2, comment));
    stage.data(IRIS, &two, json!({})).await;
    assert_eq!(stage.scene.request().await.unwrap().version(), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_named_a_thousand_times_is_refused() {
    let stage = stage().await;
    for field in ["name", "__typename"] {
        for times in [500, 10_000] {
            let document = format!("{{ viewer {{ {} }} }}", repeated(times, |_| field.to_owned()));
            assert_eq!(code(&stage.call(IRIS, &document, json!({})).await), "TOO_COMPLEX", "{field} {times}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn directives_are_bounded_and_unknown_ones_refused() {
    let stage = stage().await;
    let many = format!("{{ viewer {{ name {} }} }}", repeated(20, |_| "@include(if: true)".to_owned()));
    assert!(["TOO_COMPLEX", "INVALID_DOCUMENT"].contains(&code(&stage.call(IRIS, &many, json!({})).await)));
    let unknown = format!("{{ viewer {{ name {} }} }}", repeated(50, |_| "@aa".to_owned()));
    assert!(["TOO_COMPLEX", "INVALID_DOCUMENT"].contains(&code(&stage.call(IRIS, &unknown, json!({})).await)));
}

#[tokio::test(flavor = "multi_thread")]
async fn depth_is_bounded_before_and_after_the_schema_is_asked() {
    let stage = stage().await;
    let nested = |depth: usize| format!("{{ {}x{} }}", "a { ".repeat(depth), " }".repeat(depth));
    assert_eq!(code(&stage.call(IRIS, &nested(limits::RECURSIVE_DEPTH + 5), json!({})).await), "TOO_COMPLEX");
    let deep = "{ stuck { ... on Stuck { failed { ... on RequestConnection { nodes { rounds { stage { stage { id } } } } } } } } }";
    assert!(stage.call(OLGA, deep, json!({})).await.get("errors").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn production_answers_no_introspection_and_local_bounds_circles() {
    let mut stage = stage().await;
    let schema = "{ __schema { types { name } } }";
    let hidden = stage.call(IRIS, schema, json!({})).await;
    assert!(hidden["errors"].is_array() || hidden["data"]["__schema"].is_null(), "{hidden:#}");
    let kind = stage.call(IRIS, "{ __type(name: \"Request\") { name } }", json!({})).await;
    assert!(kind["errors"].is_array() || kind["data"]["__type"].is_null(), "{kind:#}");
    stage.schema = graphql::schema(Profile::Local);
    assert!(stage.data(IRIS, schema, json!({})).await["__schema"]["types"].is_array());
    let circle = format!("{{ __schema {{ {}name{} }} }}", "types { fields { type { ".repeat(7), " } } }".repeat(7));
    assert_eq!(code(&stage.call(IRIS, &circle, json!({})).await), "TOO_COMPLEX");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_suggests_no_right_one() {
    let response = stage().await.call(IRIS, "{ vewer { name } }", json!({})).await;
    assert_eq!(code(&response), "INVALID_DOCUMENT");
    let text = response.to_string();
    assert!(!text.contains("viewer") && !text.to_lowercase().contains("did you mean"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn circular_and_unknown_fragments_are_refused() {
    let stage = stage().await;
    let circle = "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    for document in [circle, "{ ...Nowhere }", "{", "", "subscription { x }", "{ viewer }", "mutation { decide }"] {
        let code = code(&stage.call(IRIS, document, json!({})).await).to_owned();
        assert!(["INVALID_DOCUMENT", "TOO_COMPLEX"].contains(&code.as_str()), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_page_is_a_page() {
    let stage = stage().await;
    let document = "query Q($first: Int!) { requests(list: { pattern: ALL }, first: $first) {
        ... on RequestConnection { nodes { id } } } }";
    for first in [2_147_483_647, 0, -5] {
        let data = stage.data(IRIS, document, json!({ "first": first })).await;
        assert_eq!(data["requests"]["nodes"].as_array().unwrap().len(), 1, "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_carry_no_traces_and_errors_no_source() {
    let stage = stage().await;
    let traced = stage.call(AUDREY, "{ viewer { name } }", json!({})).await;
    assert!(traced.get("extensions").is_none(), "{traced:#}");
    let cursor = base64_of(b"{\"index\":0,\"after\":\"nonsense\",\"shown\":null}");
    let document = "query Q($after: String) { requests(list: { pattern: ALL }, after: $after) {
        __typename ... on Refused { code sentence } } }";
    let answer = stage.data(IRIS, document, json!({ "after": cursor })).await;
    assert_eq!(answer["requests"]["code"], "INVALID_INPUT");
    for hostile in ["\u{0}", "💩", "' OR 1=1 --", "../../etc/passwd", "%s%s%n"] {
        let response =
            stage.call(IRIS, "query Q($id: ID!) { request(id: $id) { id } }", json!({ "id": hostile })).await;
        assert_eq!(response, json!({ "data": { "request": null } }), "{hostile}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_refused_everything() {
    let stage = stage().await;
    let context = stage.context(IRIS).await;
    let mut iris = stage.scene.ports().people.by_email(&context.caller.who.email).await.unwrap().unwrap();
    iris.disabled = true;
    stage.scene.ports().people.save(&iris).await.unwrap();
    for document in ["{ viewer { name } }", "{ policies { name } }", "{ stuck { __typename } }"] {
        assert_eq!(code(&stage.call(IRIS, document, json!({})).await), "FORBIDDEN", "{document}");
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_repeats_itself_is_answered_and_one_that_is_too_long_is_refused_in_a_sentence() {
    let stage = stage().await;
    let ask = "query ($where: RequestFilter) { requests(list: { pattern: OPEN }, where: $where) {
        __typename ... on RequestConnection { nodes { id } } ... on Refused { code field sentence } } }";
    let repeated = json!({ "where": { "status": vec!["IN_REVIEW"; 100] } });
    assert_eq!(stage.data(IRIS, ask, repeated).await["requests"]["nodes"][0]["id"], id());
    for (length, answer) in [(200, "RequestConnection"), (201, "Refused")] {
        let long = json!({ "where": { "text": "é".repeat(length) } });
        let answered = &stage.data(IRIS, ask, long).await["requests"];
        assert_eq!(answered["__typename"], answer, "{answered}");
        assert!(answer != "Refused" || answered["field"] == "where.text", "{answered}");
    }
}
