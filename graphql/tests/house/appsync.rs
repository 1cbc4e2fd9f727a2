//! The same house through the face that `AppSync` shows.

use graphql::appsync::{Ask, Ours, Predecessors, Trouble};
use serde_json::{Value, json};
use tests::scene::IRIS;
use workflow::domain::policy::Policy;

use crate::stage::{EVE, Stage, id};

fn ask(parent: &str, field: &str, arguments: &Value, source: Value) -> Ask {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    Ask { parent: parent.to_owned(), field: field.to_owned(), arguments, source }
}

async fn answer(stage: &Stage, who: &str, ask: Ask) -> Result<Value, Trouble> {
    Ours::ours().unwrap().resolve(&ask, stage.context(who).await).await
}

#[tokio::test]
async fn a_reviewer_lists_looks_and_decides_one_resolver_at_a_time() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let list = json!({ "list": { "pattern": "OPEN" }, "first": null, "after": null });
    let listed = answer(&stage, IRIS, ask("Query", "requests", &list, Value::Null)).await.unwrap();
    assert_eq!(listed["__typename"], "RequestConnection");
    let request = &listed["nodes"][0];
    assert_eq!(request["id"], id());

    let files = ask("Round", "files", &json!({ "first": 2 }), request["round"].clone());
    let files = answer(&stage, IRIS, files).await.unwrap();
    assert_eq!(files["nodes"].as_array().unwrap().len(), 2);
    let timeline = ask("Request", "timeline", &json!({}), request.clone());
    assert!(!answer(&stage, IRIS, timeline).await.unwrap()["nodes"].as_array().unwrap().is_empty());

    let input = json!({ "input": {
        "request": id(), "round": 1, "stage": "information_governance", "opinion": "APPROVE",
        "manifestDigest": request["round"]["manifestDigest"], "reason": "Counts are above the threshold.",
    }});
    let decided = answer(&stage, IRIS, ask("Mutation", "decide", &input, Value::Null)).await.unwrap();
    assert_eq!(decided["__typename"], "Decided");
    assert_eq!(decided["request"]["round"]["decisions"][0]["opinion"], "APPROVE");
}

#[tokio::test]
async fn sizes_that_came_as_floating_numbers_are_whole_numbers() {
    let stage = Stage::empty(Policy::TWO_STAGE).await;
    let input = json!({ "input": { "project": "Elsewhere", "files": [{ "path": "a.csv", "size": 5.0 }] } });
    let created = answer(&stage, EVE, ask("Mutation", "createUpload", &input, Value::Null)).await.unwrap();
    assert_eq!(created["tickets"][0]["size"], 5, "{created}");
    let input = json!({ "input": { "project": "Elsewhere", "files": [{ "path": "a.csv", "size": 5.5 }] } });
    let trouble = answer(&stage, EVE, ask("Mutation", "createUpload", &input, Value::Null)).await.unwrap_err();
    assert_eq!(trouble.code, "INVALID_DOCUMENT");
}

#[tokio::test]
async fn what_is_not_the_callers_to_see_has_no_fields() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let source = json!({ "id": id(), "request": id(), "number": 1 });
    for (parent, field) in [("Request", "comments"), ("Round", "files")] {
        let trouble = answer(&stage, EVE, ask(parent, field, &json!({}), source.clone())).await.unwrap_err();
        assert_eq!(trouble.code, "FORBIDDEN");
    }
}

#[tokio::test]
async fn the_predecessors_face_has_its_own_words() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let api = Predecessors::predecessors().unwrap();
    let list = ask("Query", "listRequests", &json!({}), Value::Null);
    let listed = api.resolve(&list, stage.context(IRIS).await).await.unwrap();
    assert_eq!(listed[0]["egress_status"], "PROCESSING");
}
