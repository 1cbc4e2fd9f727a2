//! What GraphQL invites abusers to, asked of a house as it stands on a network: one row for each kind.

use http::Profile;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::scene::IRIS;

use crate::stage::{Stage, anywhere};

/// What has to come of an abuse.
enum Ends {
    /// Refused before anything was executed, with one of these codes.
    Refused(&'static [&'static str]),
    /// Not taken as a call of the API at all.
    Status(u16),
    /// Answered without any of these words.
    Without(&'static [&'static str]),
}
use Ends::{Refused, Status, Without};

const TOO_MUCH: Ends = Refused(&["TOO_COMPLEX", "INVALID_DOCUMENT"]);

pub(crate) fn repeated(times: usize, one: impl Fn(usize) -> String) -> String {
    (0..times).map(one).collect::<Vec<_>>().join(" ")
}

/// Somebody who is signed in.
pub(crate) struct Caller {
    stage: Stage,
    cookie: String,
}

impl Caller {
    pub(crate) async fn of(profile: Profile) -> Self {
        let stage = Stage::open_with(http::Settings { profile, ..anywhere() }).await;
        let cookie = stage.cookie_of(IRIS).await;
        let cookie = if profile == Profile::Network { cookie.replace("lockgate=", "__Host-lockgate=") } else { cookie };
        Self { stage, cookie }
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.stage.call(method, path).header("cookie", &self.cookie)
    }

    pub(crate) fn ask(&self, document: impl Into<String>) -> RequestBuilder {
        self.call(Method::POST, "/graphql").json(&json!({ "query": document.into() }))
    }

    pub(crate) fn send(&self, content_type: &str, body: &str) -> RequestBuilder {
        self.call(Method::POST, "/graphql").header(CONTENT_TYPE, content_type).body(body.to_owned())
    }

    fn get(&self, document: &str) -> RequestBuilder {
        self.call(Method::GET, "/graphql").query(&[("query", document)])
    }
}

/// The kinds of abuse, each with its calls.
fn table(caller: &Caller) -> Vec<(&'static str, Vec<RequestBuilder>, Ends)> {
    let query = "{ viewer { name } }";
    let many = |one: &str| repeated(500, |_| one.to_owned());
    let circle = format!("{{ __schema {{ {} name {} }} }}", "types { fields { type { ".repeat(8), " } } }".repeat(8));
    let deep = format!("{{ {} x {} }}", "a { ".repeat(2_000), " }".repeat(2_000));
    let spread = "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    let batch = Value::Array((0..10).map(|_| json!({ "query": query })).collect()).to_string();
    let form = "application/x-www-form-urlencoded";
    let traced = json!({ "query": query, "extensions": { "tracing": true } }).to_string();
    let persisted =
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "0".repeat(64) } } }).to_string();
    vec![
        ("aliases", vec![caller.ask(format!("{{ {} }}", repeated(101, |n| format!("a{n}: __typename"))))], TOO_MUCH),
        ("a batch of calls", vec![caller.send("application/json", &batch)], Status(400)),
        (
            "directives",
            vec![
                caller.ask(format!("{{ __typename {} }}", many("@aa"))),
                caller.ask(format!("{{ viewer {{ name {} }} }}", many("@include(if: true)"))),
            ],
            TOO_MUCH,
        ),
        ("introspection in circles", vec![caller.ask(circle)], TOO_MUCH),
        (
            "the same field again and again",
            vec![
                caller.ask(format!("{{ viewer {{ {} }} }}", many("name"))),
                caller.ask(format!("{{ {} }}", many("__typename"))),
            ],
            TOO_MUCH,
        ),
        (
            "names that are nearly right",
            vec![
                caller.ask("{ vewer { name } }"),
                caller.ask("{ viewer { nam } }"),
                caller.ask("mutation { decid { x } }"),
                caller.ask("{ requests(lst: 1) { x } }"),
            ],
            Without(&["viewer", "name\\\"", "decide", "Did you mean", "did you mean"]),
        ),
        (
            "a console",
            vec![
                caller.call(Method::GET, "/graphql").header("accept", "text/html"),
                caller.call(Method::GET, "/graphiql"),
                caller.call(Method::GET, "/playground"),
                caller.call(Method::GET, "/graphql/console"),
            ],
            Without(&["graphiql", "GraphiQL", "playground", "Playground", "cdn."]),
        ),
        (
            "introspection",
            vec![
                caller.ask("{ __schema { types { name } } }"),
                caller.ask("{ __type(name: \"Request\") { fields { name } } }"),
                caller.get("{ __schema { queryType { name } } }"),
            ],
            Without(&["RequestConnection", "\"fields\":", "\"Query\""]),
        ),
        (
            "a mutation by GET",
            vec![
                caller.get("mutation { comment(input: { request: \"x\", text: \"y\" }) { __typename } }"),
                caller.get("query A { viewer { name } } mutation B { __typename }").query(&[("operationName", "B")]),
            ],
            Status(405),
        ),
        (
            "a form as a call",
            vec![
                caller.send(form, "query=%7Bviewer%7Bname%7D%7D"),
                caller.send("text/plain", &json!({ "query": query }).to_string()),
                caller.send("multipart/form-data; boundary=x", "--x--"),
            ],
            Status(415),
        ),
        (
            "a trace",
            vec![caller.send("application/json", &traced).header("x-apollo-tracing", "1")],
            Without(&["tracing", "duration", "startOffset"]),
        ),
        (
            "what nobody thought of",
            vec![
                caller.ask("queryy { x }"),
                caller.ask("{ request(id: {}) { id } }"),
                caller.send("application/json", &persisted),
                caller.send("application/json", "{\"query\":null}"),
                caller.send("application/json", "\u{0}"),
            ],
            Without(&["panick", "src/", ".rs", "stack", "null pointer", "\"data\":{"]),
        ),
        ("depth", vec![caller.ask(deep), caller.ask(spread)], TOO_MUCH),
    ]
}

#[tokio::test]
async fn abuse_is_refused_before_it_costs_anything() {
    let caller = Caller::of(Profile::Network).await;
    let table = table(&caller);
    assert!(table.len() > 12, "every kind has its row");
    for (name, calls, ends) in table {
        for call in calls {
            let response = call.send().await.unwrap();
            let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
            assert!(status < 500, "{name}: {status} {text}");
            match &ends {
                Status(expected) => assert_eq!(status, *expected, "{name}: {text}"),
                Without(words) => assert!(!words.iter().any(|word| text.contains(word)), "{name}: {text}"),
                Refused(codes) => {
                    let answer: Value = serde_json::from_str(&text).unwrap();
                    let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
                    assert!(codes.contains(&code) && answer.get("data").is_none(), "{name}: {text}");
                }
            }
        }
    }
}
