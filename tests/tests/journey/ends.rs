//! Each end that a request can come to.

use jiff::SignedDuration;
use tests::observation::observe;
use tests::scene::{IRIS, RITA, Scene, Setting, Story, prepare};
use workflow::domain::decision::Opinion;
use workflow::domain::policy::Policy;
use workflow::domain::status::{Status, StatusWord};

async fn scene(policy: &str) -> (tempfile::TempDir, Scene) {
    let dir = tempfile::tempdir().unwrap();
    let house = dir.path().join("house");
    prepare(&house, policy).await;
    let scene = Scene::open(&house, Setting::quiet(2)).await;
    (dir, scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_approve_and_the_files_are_released() {
    let (_dir, scene) = scene(Policy::TWO_STAGE).await;
    let request = scene.play(Story::RELEASE).await;
    assert_eq!(request.status, Status::Released);
    scene.hold().await;
    insta::assert_snapshot!(observe(&scene).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stage_is_enough_where_the_policy_says_so() {
    let (_dir, scene) = scene(Policy::SINGLE).await;
    assert_eq!(scene.play(Story::RELEASE).await.status, Status::Released);
    scene.hold().await;
    insta::assert_snapshot!(observe(&scene).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_files_are_kept_for_an_appeal_and_then_deleted_with_proof() {
    let (_dir, scene) = scene(Policy::TWO_STAGE).await;
    let request = scene.play(Story::REJECT).await;
    assert_eq!(request.status, Status::Rejected);
    assert!(request.round().disposal.as_ref().unwrap().proof.is_none());
    scene.hold().await;
    scene.pass(SignedDuration::from_hours(24 * 14)).await;
    assert!(scene.request().await.unwrap().round().disposal.as_ref().unwrap().proof.is_some());
    scene.hold().await;
    insta::assert_snapshot!(observe(&scene).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_request_waits_for_its_requester_and_expires_in_the_end() {
    let (_dir, scene) = scene(Policy::TWO_STAGE).await;
    assert_eq!(scene.play(Story::RETURN).await.status, Status::Returned);
    scene.hold().await;
    scene.pass(SignedDuration::from_hours(24 * 40)).await;
    assert_eq!(scene.request().await.unwrap().status, Status::Expired);
    scene.hold().await;
    insta::assert_snapshot!(observe(&scene).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_reminds_and_then_expires() {
    let (_dir, scene) = scene(Policy::TWO_STAGE).await;
    let notice = tests::builders::NOTICE.as_bytes();
    workflow::actions::receive::run(scene.ports(), notice).await.unwrap();
    scene.settle().await;
    assert_eq!(scene.request().await.unwrap().status.word(), StatusWord::InReview);
    for _ in 0..16 {
        scene.pass(SignedDuration::from_hours(24)).await;
    }
    assert_eq!(scene.request().await.unwrap().status, Status::Expired);
    scene.hold().await;
    insta::assert_snapshot!(observe(&scene).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_reviewer_hears_that_the_stage_has_closed() {
    let (_dir, scene) = scene(Policy::TWO_STAGE).await;
    let notice = tests::builders::NOTICE.as_bytes();
    workflow::actions::receive::run(scene.ports(), notice).await.unwrap();
    scene.settle().await;
    let seen = scene.request().await.unwrap();
    scene.decide(IRIS, Opinion::Approve).await.unwrap();
    scene.settle().await;
    let late = tests::scene::ballot(&seen, Opinion::Reject);
    let caller = scene.caller(tests::scene::IVAN).await;
    let refusal = workflow::actions::decide::run(scene.ports(), &caller, seen.id, late).await.unwrap_err();
    assert!(refusal.to_string().starts_with("This stage has just been closed"), "{refusal}");
    scene.decide(RITA, Opinion::Approve).await.unwrap();
    scene.settle().await;
    assert_eq!(scene.request().await.unwrap().status, Status::Released);
    scene.hold().await;
    insta::assert_snapshot!(observe(&scene).await);
}
