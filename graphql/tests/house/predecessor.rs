//! The predecessor's documents, through a whole life.

use graphql::predecessor::{Schema, execute, schema};
use graphql::{Profile, Request, Variables};
use serde_json::{Value, json};
use tests::scene::{IRIS, IVAN, RITA};
use workflow::domain::policy::Policy;

use crate::stage::{EVE, Stage, ada, id};

const LIST: &str = "query ListRequests { listRequests {
    egress_request_id project_id workspace_id requested_by updated_dt egress_status task_token current_reviewer_group
    ig_reviewer_1_decision ig_reviewer_1_email rit_reviewer_2_decision download_count is_single_approval_enabled
    s3_egress_store_bucket s3_egress_store_bucket_path s3_egress_store_object_list_location
} }";
const UPDATE: &str = "mutation UpdateRequest($request: UpdateRequestInput!) { updateRequest(request: $request) }";
const DOWNLOAD: &str =
    "mutation DownloadData($request: DownloadDataInput!) { downloadData(request: $request) { presign_url } }";

async fn call(stage: &Stage, schema: &Schema, person: &str, document: &str, variables: Value) -> Value {
    let request = Request::new(document).variables(Variables::from_json(variables));
    serde_json::to_value(execute(schema, request, stage.context(person).await).await).unwrap()
}

async fn row(stage: &Stage, schema: &Schema, person: &str) -> Value {
    call(stage, schema, person, LIST, json!({})).await["data"]["listRequests"][0].clone()
}

fn first(token: &Value) -> Value {
    json!({ "request": {
        "egress_request_id": id(), "task_token": token, "ig_reviewer_1_name": "Somebody Else",
        "ig_reviewer_1_email": "somebody.else@example.org", "ig_reviewer_1_dt": "1999-01-01",
        "ig_reviewer_1_reason": "looked at every table", "ig_reviewer_1_decision": "APPROVED",
    } })
}

fn second(token: &Value) -> Value {
    json!({ "request": {
        "egress_request_id": id(), "task_token": token, "ig_reviewer_1_decision": "APPROVED",
        "rit_reviewer_2_reason": "looked at every table too", "rit_reviewer_2_decision": "APPROVED",
    } })
}

#[tokio::test(flavor = "multi_thread")]
async fn its_documents_live_a_whole_two_stage_life() {
    let (stage, schema) = (Stage::in_review(Policy::TWO_STAGE).await, schema(Profile::Production));
    let seen = row(&stage, &schema, IRIS).await;
    assert_eq!(seen["egress_status"], "PROCESSING");
    assert_eq!(seen["current_reviewer_group"], "InformationGovernance");
    assert_eq!(seen["s3_egress_store_bucket"], "");
    let done = call(&stage, &schema, IRIS, UPDATE, first(&seen["task_token"])).await;
    assert_eq!(done, json!({ "data": { "updateRequest": "Request updated successfully" } }));
    stage.scene.settle().await;
    let seen = row(&stage, &schema, RITA).await;
    assert_eq!(seen["egress_status"], "IGAPPROVED");
    // Who decided is who signed in, whatever the client said.
    assert_eq!(
        (seen["ig_reviewer_1_decision"].as_str(), seen["ig_reviewer_1_email"].as_str()),
        (Some("APPROVED"), Some(IRIS))
    );
    call(&stage, &schema, RITA, UPDATE, second(&seen["task_token"])).await;
    stage.scene.settle().await;
    assert_eq!(row(&stage, &schema, RITA).await["egress_status"], "RITAPPROVED");
    let wish = json!({ "request": { "egress_request_id": id(), "workspace_id": "w", "download_count": "0" } });
    let link = call(&stage, &schema, IRIS, DOWNLOAD, wish.clone()).await;
    assert!(link["data"]["downloadData"]["presign_url"].as_str().unwrap().contains(&id()), "{link:#}");
    let refused = call(&stage, &schema, RITA, DOWNLOAD, wish).await;
    assert_eq!(refused["errors"][0]["message"], "Unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_person_stage_or_time_is_no_proof() {
    let (stage, schema) = (Stage::in_review(Policy::TWO_STAGE).await, schema(Profile::Production));
    let moved = "Another user may have updated this request. Please refresh to get the latest data";
    let mine = row(&stage, &schema, IRIS).await["task_token"].clone();
    let forged = json!(mine.as_str().unwrap().replace(['A', 'b'], "c"));
    for (person, token) in [(IVAN, &mine), (IRIS, &json!("")), (IRIS, &json!("AAAA")), (IRIS, &forged)] {
        let refused = call(&stage, &schema, person, UPDATE, first(token)).await;
        assert_eq!(refused["errors"][0]["message"], moved, "{refused:#}");
    }
    stage.scene.clock.advance(jiff::SignedDuration::from_hours(25));
    let ended = call(&stage, &schema, IRIS, UPDATE, first(&mine)).await;
    assert_eq!(ended["errors"][0]["message"], moved);
    assert!(stage.scene.request().await.unwrap().round().decisions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn its_sentences_are_kept() {
    let (stage, schema) = (Stage::in_review(Policy::TWO_STAGE).await, schema(Profile::Production));
    let token = row(&stage, &schema, IRIS).await["task_token"].clone();
    let mut without_reason = first(&token);
    without_reason["request"]["ig_reviewer_1_reason"] = Value::Null;
    let mut odd_word = first(&token);
    odd_word["request"]["ig_reviewer_1_decision"] = json!("PERHAPS");
    for input in [without_reason, odd_word] {
        let answer = call(&stage, &schema, IRIS, UPDATE, input).await;
        assert_eq!(answer["data"]["updateRequest"], "Request has not been updated due to invalid input");
    }
    let mut unknown = first(&token);
    unknown["request"]["egress_request_id"] = json!("00000000-0000-4000-8000-000000000000");
    let missing = call(&stage, &schema, IRIS, UPDATE, unknown).await;
    let sentence = "No matching egress request found for egress request: 00000000-0000-4000-8000-000000000000";
    assert_eq!(missing["errors"][0]["message"], sentence);
    let early = call(&stage, &schema, RITA, UPDATE, second(&token)).await;
    assert_eq!(early["errors"][0]["message"], "You are not authorised to update this request at this time");
    let foreign = call(&stage, &schema, EVE, UPDATE, first(&token)).await;
    assert_eq!(
        foreign["errors"][0]["message"],
        format!("No matching egress request found for egress request: {}", id())
    );
    let stranger = call(&stage, &schema, &ada(), LIST, json!({})).await;
    assert_eq!(stranger["errors"][0]["message"], "Unauthorized");
    assert_eq!(call(&stage, &schema, EVE, LIST, json!({})).await["data"]["listRequests"], json!([]));
}
