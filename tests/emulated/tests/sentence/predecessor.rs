//! The predecessor's documents, as its front end sends them, through `AppSync`'s events and the real functions.

use serde_json::{Value, json};
use tests::scene::{IRIS, RITA};
use tests_emulated::Cloud;
use tests_emulated::cloud::{Face, SignedIn};
use workflow::domain::id::RequestId;
use workflow::domain::status::{Status, StatusWord};

use super::multi;

const LIST: &str = "query ListRequests { listRequests {
    egress_request_id egress_store_name swb_egress_store_id project_id workspace_id requested_by requested_dt updated_by
    updated_dt egress_status s3_egress_store_bucket s3_egress_store_bucket_path s3_egress_store_object_list_location
    s3_swb_object_metadata_version task_token current_reviewer_group s3_staging_object_metadata_version download_count
    is_single_approval_enabled ig_reviewer_1_name ig_reviewer_1_email ig_reviewer_1_dt ig_reviewer_1_reason
    ig_reviewer_1_decision rit_reviewer_2_name rit_reviewer_2_email rit_reviewer_2_dt rit_reviewer_2_reason
    rit_reviewer_2_decision
} }";
const UPDATE: &str = "mutation UpdateRequest($request: UpdateRequestInput!) { updateRequest(request: $request) }";
const DOWNLOAD: &str =
    "mutation DownloadData($request: DownloadDataInput!) { downloadData(request: $request) { presign_url } }";
const DONE: &str = "Request updated successfully";

/// The predecessor's front end, as somebody has it open.
pub(crate) struct FrontEnd<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) face: &'a Face,
    pub(crate) who: &'a SignedIn,
}

impl FrontEnd<'_> {
    async fn ask(&self, document: &str, variables: Value) -> Value {
        self.cloud.execute(self.face, self.who, document, &variables).await
    }

    /// The row of a request, as the list shows it.
    pub(crate) async fn row(&self, id: RequestId) -> Value {
        let listed = self.ask(LIST, json!({})).await;
        let rows = listed["data"]["listRequests"].as_array().unwrap_or_else(|| panic!("{listed:#}"));
        rows.iter().find(|row| row["egress_request_id"] == id.to_string()).cloned().unwrap_or_default()
    }

    /// Decides as its form does: with the row's own token, and with what the form knows of who it is.
    pub(crate) async fn decide(&self, row: &Value, stage: &str, decision: &str) -> Value {
        let request = json!({
            "egress_request_id": row["egress_request_id"], "task_token": row["task_token"],
            "ig_reviewer_1_decision": row["ig_reviewer_1_decision"],
            format!("{stage}_name"): "Somebody Else", format!("{stage}_email"): "else@example.org",
            format!("{stage}_dt"): "1999-01-01", format!("{stage}_reason"): "Counts are above the threshold.",
            format!("{stage}_decision"): decision,
        });
        self.ask(UPDATE, json!({ "request": request })).await
    }

    /// Asks for the archive.
    pub(crate) async fn download(&self, id: RequestId) -> Value {
        let wish = json!({ "egress_request_id": id.to_string(), "workspace_id": "w", "download_count": "0" });
        self.ask(DOWNLOAD, json!({ "request": wish })).await
    }
}

fn sentence(answer: &Value) -> &str {
    answer["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("{answer:#}"))
}

#[test]
fn its_documents_live_a_whole_life_through_its_resolvers() {
    multi(async {
        let (cloud, face) = (Cloud::start().await, Face::predecessor());
        let (released, rejected) = (cloud.submit(1).await, cloud.submit(2).await);
        let iris = cloud.sign_in(IRIS, "InformationGovernance").await;
        let rita = cloud.sign_in(RITA, "TREAdmin").await;
        let [governance, research] = [&iris, &rita].map(|who| FrontEnd { cloud: &cloud, face: &face, who });
        for id in [released, rejected] {
            cloud.until_waiting(id, 0).await;
            let row = governance.row(id).await;
            assert_eq!(
                (&row["egress_status"], &row["current_reviewer_group"]),
                (&json!("PROCESSING"), &json!("InformationGovernance"))
            );
            let early = research.decide(&row, "rit_reviewer_2", "APPROVED").await;
            assert_eq!(sentence(&early), "You are not authorised to update this request at this time");
            assert_eq!(governance.decide(&row, "ig_reviewer_1", "APPROVED").await["data"]["updateRequest"], DONE);
            let late = governance.decide(&row, "ig_reviewer_1", "REJECTED").await;
            assert!(late["errors"][0]["message"].is_string(), "{late:#}");
        }
        for (id, decision) in [(released, "APPROVED"), (rejected, "REJECTED")] {
            cloud.until_waiting(id, 1).await;
            let row = research.row(id).await;
            assert_eq!(row["egress_status"], "IGAPPROVED");
            // Who decided is who signed in, whatever the form said.
            assert_eq!(
                (&row["ig_reviewer_1_decision"], &row["ig_reviewer_1_email"]),
                (&json!("APPROVED"), &json!(IRIS))
            );
            assert_eq!(research.decide(&row, "rit_reviewer_2", decision).await["data"]["updateRequest"], DONE);
        }
        assert_eq!(cloud.until_told(released).await.status, Status::Released);
        assert_eq!(cloud.until_told(rejected).await.status.word(), StatusWord::Rejected);
        assert_eq!(research.row(released).await["egress_status"], "RITAPPROVED");
        assert_eq!(governance.row(rejected).await["egress_status"], "REJECTED");
        let link = governance.download(released).await["data"]["downloadData"]["presign_url"].clone();
        assert!(link.as_str().unwrap().starts_with("https://egress.example.ac.uk/downloads/"), "{link}");
        assert_eq!(sentence(&research.download(released).await), "Unauthorized");
        assert_eq!(governance.download(rejected).await["data"]["downloadData"], Value::Null);
        cloud.hold(vec![released, rejected]).await;
    });
}
