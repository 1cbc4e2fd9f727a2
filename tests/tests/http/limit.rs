//! Every limit of a call, at its edge: what is within it is answered, what is one beyond it is refused with its code.

use graphql::limits;
use http::Profile;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::abuse::{Caller, repeated};

/// The code of the error that a call ends with; none if it was executed.
async fn code(call: RequestBuilder) -> Option<String> {
    let answer: Value = call.send().await.unwrap().json().await.unwrap();
    let code = answer["errors"][0]["extensions"]["code"].as_str().map(ToOwned::to_owned);
    assert_eq!(answer["data"].is_object(), code.is_none(), "{answer}");
    code
}

/// A document of a size.
type Document = fn(usize) -> String;

fn directives(count: usize) -> String {
    let all = ["@include(if: true)", "@skip(if: false)", "@deprecated"];
    format!("{{ viewer {{ name {} }} }}", all[..count].join(" "))
}

fn aliases(count: usize) -> String {
    format!("{{ {} }}", repeated(count, |number| format!("a{number}: __typename")))
}

fn fields(count: usize) -> String {
    format!("{{ {} }}", repeated(count, |_| "__typename".into()))
}

/// A list weighs 10 and, a hundred rows long, ten times what a row does; who asks weighs 5, and each name 1.
fn weighing(complexity: usize) -> String {
    let (ids, names) = ((complexity - 50) / 10, (complexity - 50) % 10 + 25);
    let (ids, names) = (repeated(ids, |_| "id".into()), repeated(names, |_| "name".into()));
    let list = "requests(list: {pattern: ALL}, first: 100)";
    format!("{{ {list} {{ ... on RequestConnection {{ nodes {{ {ids} }} }} }} viewer {{ {names} }} }}")
}

fn deep(depth: usize) -> String {
    let types = depth - 4;
    let (open, close) = ("ofType { ".repeat(types), " }".repeat(types));
    format!("{{ __type(name: \"Request\") {{ fields {{ type {{ {open}name{close} }} }} }} }}")
}

fn tokens(count: usize) -> String {
    let around =
        |words: &str| format!("{{ requests(list: {{pattern: ALL}}, where: {{status: [{words}]}}) {{ __typename }} }}");
    let words = count - limits::count_tokens(&around(""));
    let document = around(&repeated(words, |_| "IN_REVIEW".into()));
    assert_eq!(limits::count_tokens(&document), count);
    document
}

#[tokio::test]
async fn every_limit_of_a_document_is_where_it_is_said_to_be() {
    let caller = Caller::of(Profile::Local).await;
    let table: [(&str, usize, Document); 6] = [
        ("directives", limits::DIRECTIVES, directives),
        ("aliases", limits::ALIASES, aliases),
        ("fields", limits::FIELDS, fields),
        ("complexity", limits::COMPLEXITY, weighing),
        ("depth", limits::DEPTH, deep),
        ("tokens", limits::TOKENS, tokens),
    ];
    for (name, limit, document) in table {
        assert_eq!(code(caller.ask(document(limit))).await, None, "{name} at the limit");
        let beyond = code(caller.ask(document(limit + 1))).await;
        assert_eq!(beyond.as_deref(), Some("TOO_COMPLEX"), "{name} beyond the limit");
    }
}

#[tokio::test]
async fn a_body_is_as_long_as_it_may_be_and_no_longer() {
    let caller = Caller::of(Profile::Local).await;
    let padded = |bytes: usize| {
        let bare = json!({ "query": "{ viewer { name } }" }).to_string();
        format!("{bare}{}", " ".repeat(bytes - bare.len()))
    };
    for (bytes, status, ends) in [(limits::BODY_BYTES, 200, None), (limits::BODY_BYTES + 1, 413, Some("TOO_LARGE"))] {
        let call = || caller.send("application/json", &padded(bytes));
        assert_eq!(call().send().await.unwrap().status().as_u16(), status, "{bytes}");
        assert_eq!(code(call()).await.as_deref(), ends, "{bytes}");
    }
}

#[tokio::test]
async fn a_call_is_one_operation_and_a_list_of_one_is_none() {
    let caller = Caller::of(Profile::Local).await;
    let one = json!({ "query": "{ viewer { name } }" });
    assert_eq!(code(caller.send("application/json", &one.to_string())).await, None);
    let list = json!([one]).to_string();
    assert_eq!(code(caller.send("application/json", &list)).await.as_deref(), Some("INVALID_DOCUMENT"));
}

#[tokio::test]
async fn a_page_of_any_length_asked_for_is_a_page() {
    let caller = Caller::of(Profile::Local).await;
    let document = "query Q($first: Int!) { requests(list: { pattern: ALL }, first: $first) { __typename
        ... on RequestConnection { nodes { id } examined } } }";
    for first in [limits::PAGE, limits::PAGE + 1, i32::MAX, 0, -1] {
        let body = json!({ "query": document, "variables": { "first": first } });
        let answer: Value =
            caller.call(Method::POST, "/graphql").json(&body).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["requests"]["__typename"], "RequestConnection", "{first}: {answer}");
    }
}
