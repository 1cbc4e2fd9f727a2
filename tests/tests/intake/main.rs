//! The first step of the fault matrix: what the platform, or somebody who says to be it, can send. Every test ends with
//! the checker of invariants.

mod brought;

use futures_util::future::join_all;
use tempfile::TempDir;
use tests::builders::{NOTICE, request_id};
use tests::invariants::Outside;
use tests::scene::{OLGA, Scene, Setting, prepare, sample_id};
use workflow::actions::receive::{self, Received};
use workflow::actions::replay_quarantined;
use workflow::domain::id::RequestId;
use workflow::domain::policy::{OpenRequests, Policy};
use workflow::ports::request_store::{Pattern, Query};

async fn open() -> (Scene, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("house");
    prepare(&dir, Policy::TWO_STAGE).await;
    (Scene::open(&dir, Setting::quiet(5)).await, folder)
}

async fn take(scene: &Scene, body: &[u8]) -> Received {
    receive::run(scene.ports(), body).await.unwrap()
}

/// The platform's notice with another id, and one field changed.
fn changed(id: RequestId, field: &str, value: impl Into<serde_json::Value>) -> String {
    let mut wire: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
    wire["id"] = id.to_string().into();
    wire[field] = value.into();
    wire.to_string()
}

async fn requests(scene: &Scene) -> usize {
    let query = Query { pattern: Pattern::All, after: None, first: 500 };
    scene.ports().requests.list(&query).await.unwrap().requests.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_a_thousand_times_and_fifty_at_once_is_one_request() {
    let (scene, _folder) = open().await;
    let at_once = join_all((0..50).map(|_| take(&scene, NOTICE.as_bytes()))).await;
    let known = [Received::Begun(sample_id()), Received::Known(sample_id())];
    assert!(at_once.iter().all(|received| known.contains(received)), "{at_once:?}");
    for _ in 0..1_000 {
        assert_eq!(take(&scene, NOTICE.as_bytes()).await, Received::Known(sample_id()));
    }
    assert_eq!(requests(&scene).await, 1);
    let trail = scene.ports().requests.trail(sample_id(), 0, 10).await.unwrap();
    assert_eq!(trail.len(), 1, "it was received once");
    assert!(scene.ports().intake.list(10).await.unwrap().is_empty());
    scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_id_with_a_different_body_is_a_conflict_and_the_first_stands() {
    let (scene, _folder) = open().await;
    take(&scene, NOTICE.as_bytes()).await;
    let before = scene.request().await;
    let other = changed(sample_id(), "egress_store_name", "Another name");
    let Received::Quarantined { reason, .. } = take(&scene, other.as_bytes()).await else { panic!("it was taken") };
    assert!(reason.contains("that one stands"), "{reason}");
    assert_eq!(scene.request().await, before);
    scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_is_quarantined_with_its_reason_and_its_batch_mates_go_on() {
    let (scene, _folder) = open().await;
    let id = request_id(7);
    let too_large = format!("{NOTICE}{}", " ".repeat(256 * 1024));
    let poison: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"not json".to_vec(),
        b"{\"id\": \"\xff\xfe\"}".to_vec(),
        b"[]".to_vec(),
        "[".repeat(10_000).into_bytes(),
        changed(id, "project_id", serde_json::Value::Null).into_bytes(),
        changed(id, "ver", 0).into_bytes(),
        changed(id, "ver", "v2").into_bytes(),
        NOTICE.replace("Marriage survey", "\\ud800").into_bytes(),
        NOTICE.replace("Marriage survey", "\\udc00\\ud800").into_bytes(),
        too_large.into_bytes(),
    ];
    for body in &poison {
        let received = take(&scene, body).await;
        assert!(matches!(&received, Received::Quarantined { reason, .. } if !reason.is_empty()), "{received:?}");
    }
    assert_eq!(take(&scene, NOTICE.as_bytes()).await, Received::Begun(sample_id()));
    for body in &poison {
        take(&scene, body).await;
    }
    assert_eq!(scene.ports().intake.list(100).await.unwrap().len(), poison.len(), "each is kept once");
    assert_eq!(requests(&scene).await, 1);
    scene.hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_quarantined_is_replayed_once_its_cause_is_mended() {
    let (scene, _folder) = open().await;
    let publish = async |version, open_requests_per_store| {
        let mut policy = Policy::parse(Policy::TWO_STAGE).unwrap();
        (policy.version, policy.open_requests_per_store) = (version, open_requests_per_store);
        scene.ports().policies.publish(&policy).await.unwrap();
    };
    publish(10, OpenRequests::Refuse).await;
    take(&scene, NOTICE.as_bytes()).await;
    let second = changed(request_id(8), "ver", 2);
    let Received::Quarantined { id, reason } = take(&scene, second.as_bytes()).await else { panic!("it was taken") };
    assert!(reason.contains("takes one at a time"), "{reason}");
    let olga = scene.caller(OLGA).await;
    let still = replay_quarantined::run(scene.ports(), &olga, id).await.unwrap();
    assert!(matches!(still, Received::Quarantined { .. }));
    publish(11, OpenRequests::Queue).await;
    let taken = replay_quarantined::run(scene.ports(), &olga, id).await.unwrap();
    assert_eq!(taken, Received::Queued(request_id(8)));
    assert!(scene.ports().intake.list(10).await.unwrap().is_empty());
    let acknowledged = vec![sample_id(), request_id(8)];
    scene.hold_with(Outside { acknowledged, at_rest: true, ..Outside::default() }).await;
}
