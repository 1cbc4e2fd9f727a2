//! R6 to R9: who decided what, and who may download how often.

use jiff::SignedDuration;
use tests::builders::person;
use tests::scene::{IRIS, RITA};
use workflow::actions::{self, ActionError};
use workflow::domain::decision::Opinion;
use workflow::domain::permission::Refusal;
use workflow::domain::status::{Status, StatusWord};
use workflow::ports::object_store::Area;

use super::submission::{Workspace, scene};

#[tokio::test(flavor = "multi_thread")]
async fn r6_a_release_counts_the_stored_decisions_and_believes_nothing_else() {
    let (dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("a.csv", "secret")]).await;
    workspace.give_notice(&scene).await;
    workspace.decide(&scene, IRIS, Opinion::Approve).await.unwrap();
    // Somebody with the database in hand turns the first approval into a rejection, behind everybody's back.
    let database = rusqlite::Connection::open(dir.path().join("house/lockgate.db")).unwrap();
    let forge = "UPDATE requests SET body = replace(body, '\"opinion\":\"approve\"', '\"opinion\":\"reject\"')";
    assert_eq!(database.execute(forge, []).unwrap(), 1);
    workspace.decide(&scene, RITA, Opinion::Approve).await.unwrap();
    scene.settle().await;
    let request = workspace.request(&scene).await;
    assert!(matches!(&request.status, Status::Failed { cause, .. } if cause.state == "Release"), "{}", request.status);
    assert!(scene.ports().objects.belongings(Area::Release, request.id).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn r7_a_member_of_both_groups_decides_at_one_stage_only() {
    let (_dir, scene) = scene().await;
    let both = "bea.both@example.ac.uk";
    let bea = person(both).in_group("InformationGovernance").in_group("TREAdmin").build();
    scene.ports().people.save(&bea).await.unwrap();
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("a.csv", "1")]).await;
    workspace.give_notice(&scene).await;
    workspace.decide(&scene, both, Opinion::Approve).await.unwrap();
    let refusal = workspace.decide(&scene, both, Opinion::Approve).await.unwrap_err();
    assert!(refusal.contains("each stage needs somebody else"), "{refusal}");
    assert_eq!(workspace.request(&scene).await.status, Status::InReview { stage: 1, round: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn r8_a_group_whose_name_contains_another_is_not_that_group() {
    let (_dir, scene) = scene().await;
    let trainee = "terry.trainee@example.ac.uk";
    for group in ["Ex-InformationGovernance-Trainees", "NotTREAdmin"] {
        scene.ports().people.save(&person(trainee).in_group(group).build()).await.unwrap();
        let workspace = Workspace::new(&format!("ws-{group}"), 1);
        workspace.submit(&scene, &[("a.csv", "1")]).await;
        workspace.give_notice(&scene).await;
        let refusal = workspace.decide(&scene, trainee, Opinion::Approve).await.unwrap_err();
        assert!(refusal.contains("not yours to see"), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r9_downloads_are_counted_here_and_only_of_what_is_released() {
    let (_dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("a.csv", "1")]).await;
    workspace.give_notice(&scene).await;
    let iris = scene.caller(IRIS).await;
    let grant = || actions::grant_download::run(scene.ports(), &iris, workspace.id());
    assert!(matches!(grant().await, Err(ActionError::Refused(Refusal::NotReleased { status: StatusWord::InReview }))));
    workspace.approve(&scene).await;
    let first = grant().await.unwrap();
    let again = grant().await.unwrap();
    assert_eq!((first.left, again.left), (0, 0), "a broken download may go on, and is not counted again");
    assert_ne!(first.secret, again.secret);
    scene.pass(SignedDuration::from_hours(2)).await;
    assert!(matches!(grant().await, Err(ActionError::Refused(Refusal::NoDownloadsLeft { limit: 1 }))));
    let late = actions::redeem::run(scene.ports(), &iris, workspace.id(), &again.secret).await;
    assert!(matches!(late, Err(ActionError::Refused(Refusal::BadTicket))));
}
