//! R1 to R5: which bytes are staged, and which are released.

use workflow::domain::decision::Opinion;
use workflow::domain::status::Status;

use super::submission::{Workspace, scene};
use super::{facts, released_files};
use tests::scene::{IRIS, RITA};

#[tokio::test(flavor = "multi_thread")]
async fn r1_the_staged_set_is_the_manifest_set_and_whole_paths_are_kept() {
    let (_dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("x/r.csv", "one"), ("y/r.csv", "two")]).await;
    workspace.give_notice(&scene).await;
    assert_eq!(workspace.request(&scene).await.round().manifest.as_ref().unwrap().files, 2);
    let request = workspace.approve(&scene).await;
    let expected = [("x/r.csv", "one"), ("y/r.csv", "two")].map(|(n, c)| (n.to_owned(), c.as_bytes().to_vec()));
    assert_eq!(released_files(&scene, &request).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_names_that_collide_are_sent_back_with_both_names() {
    let (_dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("Results.csv", "one"), ("results.CSV", "two")]).await;
    workspace.give_notice(&scene).await;
    let request = workspace.request(&scene).await;
    assert_eq!(request.status, Status::Returned);
    let reason = request.round().ended_because.as_ref().unwrap().to_string();
    assert!(reason.contains("'Results.csv'") && reason.contains("'results.CSV'"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_file_that_is_deleted_after_the_snapshot_is_staged_all_the_same() {
    let (_dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("a.csv", "kept"), ("b.csv", "also")]).await;
    let source = scene.house.objects().source();
    source.mark_deleted(&workspace.notice.bucket, "ws-1/a.csv").await.unwrap();
    workspace.overwrite(&scene, "b.csv", "other bytes").await;
    workspace.give_notice(&scene).await;
    let request = workspace.approve(&scene).await;
    let expected = [("a.csv", "kept"), ("b.csv", "also")].map(|(n, c)| (n.to_owned(), c.as_bytes().to_vec()));
    assert_eq!(released_files(&scene, &request).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_version_that_is_gone_sends_the_request_back_with_the_list_of_names() {
    let (_dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("a.csv", "1"), ("b.csv", "2"), ("c.csv", "3")]).await;
    let source = scene.house.objects().source();
    let entry = |name| serde_json::json!({"Key": format!("ws-1/{name}"), "Size": 1, "VersionId": "no-such-version"});
    let list = serde_json::json!({ "objects": [entry("a.csv"), entry("b.csv")] });
    let bytes = std::io::Cursor::new(list.to_string());
    source.store(&workspace.notice.list_bucket, &workspace.notice.list_key, bytes).await.unwrap();
    workspace.give_notice(&scene).await;
    let request = workspace.request(&scene).await;
    assert_eq!(request.status, Status::Returned);
    let reason = request.round().ended_because.as_ref().unwrap().to_string();
    assert!(reason.contains("'a.csv' is gone") && reason.contains("'b.csv' is gone"), "{reason}");
    let upstream = scene.ports().egress_stores.status(&workspace.notice.store).await.unwrap();
    assert_eq!(upstream.as_deref(), Some("PENDING"), "the researcher may submit again");
}

#[tokio::test(flavor = "multi_thread")]
async fn r3_a_file_that_comes_after_the_snapshot_is_no_part_of_it() {
    let (_dir, scene) = scene().await;
    let workspace = Workspace::new("ws-1", 1);
    workspace.submit(&scene, &[("a.csv", "in")]).await;
    workspace.overwrite(&scene, "late.csv", "not in").await;
    workspace.give_notice(&scene).await;
    let request = workspace.approve(&scene).await;
    assert_eq!(released_files(&scene, &request).await, [("a.csv".to_owned(), b"in".to_vec())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_a_neighbour_whose_name_begins_the_same_is_not_touched() {
    let (_dir, scene) = scene().await;
    let (short, long) = (Workspace::new("ws-1", 1), Workspace::new("ws-10", 1));
    short.submit(&scene, &[("r.csv", "short")]).await;
    long.submit(&scene, &[("r.csv", "long")]).await;
    short.give_notice(&scene).await;
    long.give_notice(&scene).await;
    short.decide(&scene, IRIS, Opinion::Reject).await.unwrap();
    scene.pass(jiff::SignedDuration::from_hours(24 * 15)).await;
    assert!(facts(&scene, &short.request(&scene).await).await.contains(&"deleted".to_owned()));
    let neighbour = long.request(&scene).await;
    let staged = scene.ports().objects.belongings(workflow::ports::object_store::Area::Staging, neighbour.id).await;
    assert_eq!((neighbour.status.word().as_str(), staged.unwrap().len()), ("expired", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn r5_two_releases_at_once_never_mix() {
    let (_dir, scene) = scene().await;
    let workspaces: Vec<Workspace> = (0..6).map(|n| Workspace::new(&format!("ws-{n}"), 1)).collect();
    for (n, workspace) in workspaces.iter().enumerate() {
        workspace.submit(&scene, &[("results.csv", &format!("of workspace {n}").repeat(1_000))]).await;
        workspace.give_notice(&scene).await;
        workspace.decide(&scene, IRIS, Opinion::Approve).await.unwrap();
    }
    let decide = |workspace: &Workspace| {
        let id = workspace.id();
        let ports = scene.ports().clone();
        async move { ports.requests.find(id).await.unwrap().unwrap() }
    };
    let rita = scene.caller(RITA).await;
    let ballots = futures_util::future::join_all(workspaces.iter().map(decide)).await;
    let at_once = ballots.iter().map(|request| {
        let ballot = tests::scene::ballot(request, Opinion::Approve);
        workflow::actions::decide::run(scene.ports(), &rita, request.id, ballot)
    });
    for decided in futures_util::future::join_all(at_once).await {
        decided.unwrap();
    }
    scene.settle().await;
    for (n, workspace) in workspaces.iter().enumerate() {
        let files = released_files(&scene, &workspace.request(&scene).await).await;
        assert_eq!(files, [("results.csv".to_owned(), format!("of workspace {n}").repeat(1_000).into_bytes())]);
    }
}
