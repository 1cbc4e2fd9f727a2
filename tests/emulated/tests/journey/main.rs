//! Whole lives of a request on the adapters of an account.

mod closing;
mod cost;

use tests::builders::email;
use tests::scene::{OLGA, Story};
use tests_emulated::scene::Scene;
use tests_emulated::{Installation, Way};
use workflow::actions::{self, Caller};
use workflow::domain::digest::Digest;
use workflow::domain::status::Status;
use workflow::domain::text::Reason;
use workflow::ports::object_store::{Area, ObjectVersion};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_everybody_approves_are_released_and_the_archive_verifies() {
    let scene = Scene::open(Way::Straight).await;
    let request = scene.play(Story::RELEASE).await;
    assert_eq!(request.status, Status::Released);
    assert_eq!(scene.store_status().await.as_deref(), Some("PROCESSED"));
    scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_the_second_stage_rejects_go_nowhere() {
    let scene = Scene::open(Way::Straight).await;
    let request = scene.play(Story::REJECT).await;
    assert_eq!(request.status, Status::Rejected);
    assert_eq!(scene.store_status().await.as_deref(), Some("PENDING"));
    scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_returned_wait_for_their_researcher() {
    let scene = Scene::open(Way::Straight).await;
    let request = scene.play(Story::RETURN).await;
    assert_eq!(request.status, Status::Returned);
    assert_eq!(scene.store_status().await.as_deref(), Some("PENDING"));
    scene.hold().await;
}

/// Every call of the account fails once, in every way there is, and the story ends as it would have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_gets_through_whatever_goes_wrong_on_the_way() {
    let scene = Scene::open(Way::Troubled).await;
    let request = scene.play(Story::RELEASE).await;
    assert_eq!(request.status, Status::Released);
    scene.hold().await;
}

/// Bytes leave from S3 itself, for a minute and from one version; calling the release back marks it for the bucket's
/// policy to refuse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_handed_out_by_address_until_it_is_called_back() {
    let scene = Scene::open(Way::Straight).await;
    let request = scene.play(Story::RELEASE).await;
    let archive = request.release.unwrap().archive.unwrap();
    let object = ObjectVersion { area: Area::Release, key: archive.key, version: archive.version };
    let address = scene.ports.objects.link(&object, "egress.zip", 60).await.unwrap().unwrap();
    assert!(address.contains("X-Amz-Expires=60") && address.contains("versionId="), "{address}");
    let answer = tests::client::client().get(&address).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"egress.zip\"");
    assert_eq!(Digest::of(&answer.bytes().await.unwrap()), archive.digest);
    let olga = scene.ports.people.by_email(&email(OLGA)).await.unwrap().unwrap();
    let caller = Caller { who: olga.who, claimed: None, system_user: None, origin: None };
    let reason = Reason::parse("a wrong table was in it").unwrap();
    actions::revoke::run(&scene.ports, &caller, request.id, reason).await.unwrap();
    let Installation { straight, settings, .. } = &scene.installation;
    let call = straight.s3.get_object_tagging().bucket(&settings.buckets.release).key(&object.key);
    let marks = call.version_id(&object.version).send().await.unwrap().tag_set;
    assert!(marks.iter().any(|mark| (mark.key(), mark.value()) == ("lockgate:revoked", "true")));
}

/// What the predecessor's readers look for is in the row, under its names; the task token is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_can_be_read_as_the_predecessors() {
    let scene = Scene::open(Way::Straight).await;
    let request = scene.play(Story::RELEASE).await;
    let Installation { straight, settings, .. } = &scene.installation;
    let call = straight.dynamodb.get_item().table_name(&settings.tables.requests);
    let id = aws_sdk_dynamodb::types::AttributeValue::S(request.id.to_string());
    let row = call.key("egress_request_id", id).send().await.unwrap().item.unwrap();
    let text = |name: &str| row.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    assert_eq!(text("egress_status"), Some("RITAPPROVED"));
    assert_eq!(text("swb_egress_store_id"), Some("8c1f0c5e-6c1b-4a3a-9d5e-2f7f3e0a1b44"));
    assert_eq!(text("requested_by"), Some("ada.researcher@example.ac.uk"));
    assert_eq!(text("requested_dt"), Some("2026-03-02T09:14:07.112Z"));
    assert_eq!(text("s3_egress_store_bucket"), Some("111122223333-treprod-ldn-pj1-egress-store"));
    assert_eq!(text("s3_egress_store_bucket_path"), Some("8c1f0c5e-6c1b-4a3a-9d5e-2f7f3e0a1b44/"));
    assert_eq!(text("ig_reviewer_1_decision"), Some("APPROVED"));
    assert_eq!(text("rit_reviewer_2_email"), Some(tests::scene::RITA));
    assert_eq!(text("is_single_approval_enabled"), Some("false"));
    assert!(row["download_count"].as_n().is_ok());
    assert!(!row.contains_key("task_token"));
}
