//! Another project's object is refused exactly like one that is not there. The operations come from the schema: one
//! that is new has no row, and that fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use workflow::domain::policy::Policy;

use crate::stage::{EVE, Stage, id};

const MISSING: &str = "00000000-0000-4000-8000-000000000000";
const REFUSED: &str = "__typename ... on Refused { code sentence field }";

/// Every root field that names a request, with a call of it. `ID` stands for the request.
const ROWS: &[(&str, &str)] = &[
    ("Query.request", "{ request(id: \"ID\") { id } }"),
    ("Query.audit", "{ audit(request: \"ID\") { REFUSED } }"),
    (
        "Mutation.decide",
        "mutation { decide(input: { request: \"ID\", round: 1, stage: \"information_governance\", manifestDigest: \"DIGEST\",
            opinion: APPROVE, reason: \"looked at every table\" }) { REFUSED ... on Stale { moved } } }",
    ),
    ("Mutation.withdraw", "mutation { withdraw(input: { request: \"ID\" }) { REFUSED } }"),
    ("Mutation.resubmit", "mutation { resubmit(input: { request: \"ID\", upload: \"ID\" }) { REFUSED } }"),
    ("Mutation.comment", "mutation { comment(input: { request: \"ID\", text: \"hello\" }) { REFUSED } }"),
    ("Mutation.grantDownload", "mutation { grantDownload(request: \"ID\") { REFUSED } }"),
    ("Mutation.retry", "mutation { retry(input: { request: \"ID\" }) { REFUSED } }"),
    ("Mutation.abort", "mutation { abort(input: { request: \"ID\", reason: \"because\" }) { REFUSED } }"),
    ("Mutation.revoke", "mutation { revoke(input: { request: \"ID\", reason: \"because\" }) { REFUSED } }"),
    ("Mutation.submit", "mutation { submit(input: { upload: \"ID\", workspace: \"w\", title: \"t\" }) { REFUSED } }"),
    ("Mutation.retryMessage", "mutation { retryMessage(id: \"ID.1.0\") { REFUSED } }"),
    ("Mutation.replayQuarantined", "mutation { replayQuarantined(id: \"ID\") { REFUSED } }"),
];

/// Root fields that name no object; lists are looked at by a test of their own.
const ABOUT_NO_OBJECT: [&str; 5] =
    ["Query.viewer", "Query.policies", "Query.requests", "Query.stuck", "Mutation.createUpload"];

#[test]
fn every_operation_of_the_schema_has_a_row() {
    let text = graphql::sdl();
    let schema = apollo_compiler::Schema::parse_and_validate(&text, "schema.graphql").unwrap();
    let roots = ["Query", "Mutation"].map(|root| (root, schema.get_object(root).unwrap()));
    let written: BTreeSet<_> = roots
        .iter()
        .flat_map(|(root, object)| object.fields.keys().map(move |field| format!("{root}.{field}")))
        .collect();
    let tested: BTreeSet<_> = ROWS.iter().map(|(name, _)| *name).chain(ABOUT_NO_OBJECT).map(str::to_owned).collect();
    assert_eq!(written, tested);
}

async fn answer(stage: &Stage, document: &str, id: &str) -> Value {
    let request = stage.scene.request().await.unwrap();
    let digest = request.round().manifest.as_ref().unwrap().digest.to_string();
    let document = document.replace("REFUSED", REFUSED).replace("DIGEST", &digest).replace("ID", id);
    let answer = stage.call(EVE, &document, json!({})).await.to_string();
    serde_json::from_str(&answer.replace(id, "ID")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_projects_request_is_refused_like_one_that_is_not_there() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let before = stage.scene.request().await.unwrap();
    for (name, document) in ROWS {
        let (foreign, missing) = (answer(&stage, document, &id()).await, answer(&stage, document, MISSING).await);
        assert_eq!(foreign, missing, "{name}");
        assert!(foreign.get("errors").is_none(), "{name}: {foreign:#}");
    }
    assert_eq!(stage.scene.request().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_projects_request_is_in_no_list_and_no_count() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let request = stage.scene.request().await.unwrap();
    let lists = [
        json!({ "pattern": "ALL" }),
        json!({ "pattern": "OPEN" }),
        json!({ "pattern": "WAITING_FOR_ME" }),
        json!({ "pattern": "MINE" }),
        json!({ "pattern": "IN_STATUS", "status": "IN_REVIEW" }),
        json!({ "pattern": "OF_PROJECT", "project": request.project.as_str() }),
        json!({ "pattern": "OF_REQUESTER", "requester": request.requesters[0].email.as_str() }),
        json!({ "pattern": "OF_STORE", "store": request.store.as_ref().unwrap().as_str() }),
        json!({ "pattern": "WAITING_FOR", "group": "InformationGovernance" }),
        json!({ "pattern": "DUE_BY", "dueBy": "2999-01-01T00:00:00Z" }),
    ];
    let document = "query Q($list: RequestListInput!) { requests(list: $list) {
        ... on RequestConnection { nodes { id } examined complete pageInfo { hasNextPage } } } }";
    for list in lists {
        let data = stage.data(EVE, document, json!({ "list": list })).await;
        let nothing = json!({ "nodes": [], "examined": 0, "complete": true, "pageInfo": { "hasNextPage": false } });
        assert_eq!(data["requests"], nothing, "{list}");
    }
    let counts = "{ viewer { waiting { decisions { number } open { number } failed { number } } } }";
    let data = stage.data(EVE, counts, json!({})).await;
    let none = json!({ "decisions": { "number": 0 }, "open": { "number": 0 }, "failed": null });
    assert_eq!(data["viewer"]["waiting"], none);
}
