//! What people do through the API, by the documents of a client that is not the pages (`documents/`).

use bytes::Bytes;
use graphql::limits;
use serde_json::{Value, json};
use tests::scene::{IRIS, IVAN, OLGA, RITA};
use workflow::domain::decision::Opinion;
use workflow::domain::policy::Policy;

use crate::stage::{AUDREY, DECIDE, Stage, ada, id};

fn operation(file: &str) -> String {
    let path = format!("{}/tests/house/documents/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// One operation of a kept document, with the fragments of the document.
fn named(file: &str, name: &str) -> String {
    let text = operation(file);
    let parts: Vec<String> = split(&text);
    let is_wanted = |part: &&String| part.starts_with("fragment ") || part.contains(&format!(" {name}"));
    let kept: Vec<_> = parts.iter().filter(is_wanted).cloned().collect();
    let operation = kept.iter().find(|part| !part.starts_with("fragment ")).unwrap().clone();
    let used = kept.iter().filter(|part| part.starts_with("fragment "));
    let fragments: String = used.cloned().collect::<Vec<_>>().join("\n");
    format!("{operation}\n{fragments}")
}

fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with("query ") || line.starts_with("mutation ") || line.starts_with("fragment ") {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_approve_and_the_requester_gets_a_link() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    for (reviewer, expected) in [(IRIS, "Decided"), (RITA, "Decided")] {
        let input = json!({ "input": stage.ballot("APPROVE").await });
        let data = stage.data(reviewer, DECIDE, input).await;
        assert_eq!(data["decide"]["__typename"], expected, "{data:#}");
        stage.scene.settle().await;
    }
    let page = stage.data(&ada(), &named("request.graphql", "RequestPage"), json!({ "id": id() })).await;
    let request = &page["request"];
    assert_eq!(request["status"]["word"], "RELEASED");
    assert_eq!(request["downloads"]["left"], 1);
    assert_eq!(request["can"]["download"]["may"], true);
    let grant = named("act.graphql", "GrantDownload");
    let granted = stage.data(&ada(), &grant, json!({ "request": id() })).await;
    let url = granted["grantDownload"]["url"].as_str().unwrap().to_owned();
    let secret = url.strip_prefix(&format!("/downloads/{}/", id())).unwrap();
    let caller = stage.caller(&ada()).await;
    let archive = workflow::actions::redeem::run(stage.scene.ports(), &caller, tests::scene::sample_id(), secret).await;
    assert_eq!(archive.unwrap().digest.to_string(), request["release"]["digest"].as_str().unwrap());
    assert!(page["request"]["steps"].as_array().unwrap().iter().all(|step| step["place"] == "DONE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kept_query_answers_every_role_without_a_fault() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let variables = json!({
        "id": id(), "request": id(), "project": "TREProject1Prod", "list": { "pattern": "OPEN" }, "after": null,
    });
    let folder = format!("{}/tests/house/documents", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let parts = split(&text);
        let fragments: String = parts.iter().filter(|part| part.starts_with("fragment ")).cloned().collect();
        for query in parts.iter().filter(|part| part.starts_with("query ")) {
            let document = format!(
                "{query}{}",
                if query.contains("...ViewerLine") || query.contains("...RequestHead") { &fragments } else { "" }
            );
            for person in [&ada(), IRIS, RITA, OLGA, AUDREY] {
                let wanted = wanted_by(query, &variables);
                let response = stage.call(person, &document, wanted).await;
                assert!(response.get("errors").is_none(), "{person}: {document}\n{response:#}");
            }
        }
    }
}

fn wanted_by(query: &str, variables: &Value) -> Value {
    let all = variables.as_object().unwrap().clone();
    Value::Object(all.into_iter().filter(|(name, _)| query.contains(&format!("${name}:"))).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_decision_again_is_answered_and_another_is_refused() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let ballot = stage.ballot("APPROVE").await;
    let again = json!({ "input": ballot });
    stage.data(IRIS, DECIDE, again.clone()).await;
    assert_eq!(stage.data(IRIS, DECIDE, again.clone()).await["decide"]["__typename"], "Decided");
    let late = stage.data(IVAN, DECIDE, again).await;
    assert_eq!(late["decide"]["__typename"], "Stale", "{late:#}");
    assert_eq!(late["decide"]["moved"], "CLOSED");
    let own = stage.data(&ada(), DECIDE, json!({ "input": stage.ballot("APPROVE").await })).await;
    assert!(["Refused", "Stale"].contains(&own["decide"]["__typename"].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_stage_is_said_with_the_request_as_it_is() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let mut old = stage.ballot("APPROVE").await;
    old["manifestDigest"] = json!(workflow::domain::digest::Digest::of(b"another list").to_string());
    let data = stage.data(IRIS, DECIDE, json!({ "input": old })).await;
    assert_eq!(data["decide"]["moved"], "MANIFEST");
    assert_eq!(data["decide"]["request"]["status"]["word"], "IN_REVIEW");
}

const DECISIONS: &str = "query Q($id: ID!) { request(id: $id) {
    round { decisions { by { email } opinion } }
    timeline(first: 100) { nodes { by sentence } }
} }";

#[tokio::test(flavor = "multi_thread")]
async fn at_a_blind_stage_everybody_sees_their_own_decision_only_until_it_closes() {
    let blind = Policy::TWO_STAGE.replacen("blind = false", "blind = true", 1).replacen("quorum = 1", "quorum = 2", 1);
    let stage = Stage::in_review(&blind).await;
    stage.scene.decide(IRIS, Opinion::Approve).await.unwrap();
    stage.scene.settle().await;
    let seen = async |person: &str| stage.data(person, DECISIONS, json!({ "id": id() })).await["request"].clone();
    assert_eq!(seen(IRIS).await["round"]["decisions"].as_array().unwrap().len(), 1);
    for person in [IVAN, RITA, OLGA, AUDREY, &ada()] {
        let request = seen(person).await;
        assert_eq!(request["round"]["decisions"], json!([]), "{person}");
        assert!(!request.to_string().contains(IRIS), "{person}: {request:#}");
    }
    let audit = "query Q($id: ID!) { audit(request: $id, first: 100) { ... on AuditConnection { nodes { by sentence person { email } } } } }";
    assert!(!stage.data(AUDREY, audit, json!({ "id": id() })).await.to_string().contains(IRIS));
    stage.scene.decide(IVAN, Opinion::Approve).await.unwrap();
    stage.scene.settle().await;
    assert_eq!(seen(RITA).await["round"]["decisions"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_comment_is_made_once_and_an_unnamed_one_each_time() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let document = named("act.graphql", "Comment");
    let input = json!({ "input": { "request": id(), "text": "Which tables?" } });
    for _ in 0..3 {
        stage.call_once("key-1", IRIS, &document, input.clone()).await;
    }
    stage.call_once("key-1", RITA, &document, input.clone()).await;
    stage.call_once("key-2", IRIS, &document, input.clone()).await;
    stage.data(IRIS, &document, input).await;
    let comments = "query Q($id: ID!) { request(id: $id) { comments { nodes { text by { email } mine } } } }";
    let data = stage.data(&ada(), comments, json!({ "id": id() })).await;
    assert_eq!(data["request"]["comments"]["nodes"].as_array().unwrap().len(), 4, "{data:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_page_without_losing_or_doubling_and_refuse_another_order() {
    let stage = Stage::in_review(Policy::TWO_STAGE).await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(submit(&stage, &format!("key-{number}"), &format!("Tables {number}")).await);
    }
    let document = "query Q($after: String) { requests(list: { pattern: MINE }, where: { text: \"tables\" }, first: 3, after: $after) {
        ... on RequestConnection { nodes { id } complete pageInfo { endCursor } } } }";
    let (mut after, mut seen) = (Value::Null, Vec::new());
    for _ in 0..5 {
        let page = stage.data(&ada(), document, json!({ "after": after })).await["requests"].clone();
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if after.is_null() {
            break;
        }
    }
    ids.reverse();
    assert_eq!(seen, ids);
    let order = "{ requests(list: { pattern: MINE }, order: OLDEST_FIRST) { ... on Refused { code sentence } } }";
    let refused = stage.data(&ada(), order, json!({})).await;
    assert_eq!(refused["requests"]["code"], "ORDER_NOT_OFFERED");
}

async fn submit(stage: &Stage, key: &str, title: &str) -> String {
    let create = named("submit.graphql", "CreateUpload");
    let input =
        json!({ "input": { "project": "TREProject1Prod", "files": [{ "path": "out/table 1.csv", "size": 5 }] } });
    let created = stage.call_once(key, &ada(), &create, input).await["data"]["createUpload"].clone();
    let upload = created["id"].as_str().unwrap_or_else(|| panic!("{created:#}")).to_owned();
    let name: uuid::Uuid = upload.parse().unwrap();
    let submission = json!({ "input": { "upload": upload, "workspace": "ws-1", "title": title } });
    let document = named("submit.graphql", "Submit");
    let early = stage.call(&ada(), &document, submission.clone()).await;
    let uploads = &stage.scene.ports().uploads;
    if early["data"]["submit"]["__typename"] == "Refused" {
        assert_eq!(early["data"]["submit"]["code"], "UPLOAD_UNFINISHED", "{early:#}");
        uploads.append(name, 0, 0, Bytes::from("a,b\n1")).await.unwrap();
    }
    let done = stage.call(&ada(), &document, submission).await;
    let id = done["data"]["submit"]["request"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{done:#}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_is_submitted_once_and_reviewed() {
    let stage = Stage::empty(Policy::TWO_STAGE).await;
    let first = submit(&stage, "key", "Tables").await;
    assert_eq!(submit(&stage, "key", "Tables").await, first);
    stage.scene.settle().await;
    let page = stage.data(IRIS, &named("request.graphql", "RequestPage"), json!({ "id": first })).await;
    let request = &page["request"];
    assert_eq!(request["status"]["word"], "IN_REVIEW", "{request:#}");
    assert_eq!(request["round"]["files"]["nodes"][0]["path"], "out/table 1.csv");
    assert_eq!(request["round"]["files"]["nodes"][0]["size"], 5);
    let expected = workflow::domain::digest::Digest::of(b"a,b\n1").to_string();
    assert_eq!(request["round"]["files"]["nodes"][0]["digest"], expected.as_str());
    assert_eq!(request["can"]["decide"]["may"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_upload_cannot_be_submitted() {
    let stage = Stage::empty(Policy::TWO_STAGE).await;
    let bea = tests::builders::person("bea.researcher@example.ac.uk").in_group("researchers").build();
    stage.scene.ports().people.save(&bea).await.unwrap();
    let create = named("submit.graphql", "CreateUpload");
    let input = json!({ "input": { "project": "TREProject1Prod", "files": [{ "path": "a.csv", "size": 0 }] } });
    let created = stage.data(&ada(), &create, input).await;
    let submission =
        json!({ "input": { "upload": created["createUpload"]["id"], "workspace": "ws-1", "title": "Mine" } });
    let refused = stage.data("bea.researcher@example.ac.uk", &named("submit.graphql", "Submit"), submission).await;
    assert_eq!(refused["submit"]["code"], "NO_SUCH_UPLOAD");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_with_the_field_and_a_sentence() {
    let stage = Stage::empty(Policy::TWO_STAGE).await;
    let create = named("submit.graphql", "CreateUpload");
    let input = json!({ "input": { "project": "a/b", "files": [{ "path": "a.csv", "size": 1 }] } });
    let refused = stage.data(&ada(), &create, input).await["createUpload"].clone();
    assert_eq!((refused["code"].as_str(), refused["field"].as_str()), (Some("INVALID_INPUT"), Some("project")));
    for path in ["../x", "/etc/passwd", "a\\b", ""] {
        let input = json!({ "input": { "project": "TREProject1Prod", "files": [{ "path": path, "size": 1 }] } });
        assert_eq!(stage.data(&ada(), &create, input).await["createUpload"]["code"], "UNUSABLE_FILES", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_takes_as_many_files_as_it_says_and_refuses_more_in_a_sentence() {
    let stage = Stage::empty(Policy::TWO_STAGE).await;
    let create = named("submit.graphql", "CreateUpload");
    for (count, code) in [(limits::ANNOUNCED, None), (limits::ANNOUNCED + 1, Some("UNUSABLE_FILES"))] {
        let files: Vec<_> = (0..count).map(|number| json!({ "path": format!("{number}.csv"), "size": 1 })).collect();
        let input = json!({ "input": { "project": "TREProject1Prod", "files": files } });
        let answer = stage.data(&ada(), &create, input).await["createUpload"].clone();
        assert_eq!(answer["code"].as_str(), code, "{answer:#}");
        let sentence = answer["sentence"].as_str().unwrap_or_default();
        assert!(code.is_none() || sentence.contains("501") && sentence.contains("Nothing was kept"), "{sentence}");
    }
}
