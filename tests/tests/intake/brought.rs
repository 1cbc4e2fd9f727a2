//! What people bring from this machine is kept in the source area for as long as a request needs it, and no longer.

use std::path::Path;

use jiff::SignedDuration;
use tests::builders::RESEARCHER;
use tests::invariants::Outside;
use tests::scene::{Scene, Setting};
use workflow::actions::submit::{self, Submission};
use workflow::domain::id::RequestId;
use workflow::domain::manifest::{Declared, Manifest};
use workflow::domain::request::Request;
use workflow::domain::status::{Status, StatusWord};
use workflow::domain::text::{ProjectId, Title, WorkspaceId};
use workflow::ports::Clock as _;
use workflow::ports::object_store::{Area, ObjectVersion};

/// Brings a file, which is in the source area from then on.
async fn bring(scene: &Scene, folder: &Path, name: &str) -> (Vec<Declared>, ObjectVersion) {
    let path = folder.join(name);
    std::fs::write(&path, name).unwrap();
    let declared = scene.house.objects().source().load_paths(&[path]).await.unwrap();
    let source = &declared[0].source;
    let object = ObjectVersion { area: Area::Source, key: source.key.clone(), version: source.version.clone() };
    (declared, object)
}

/// Asks for what was brought to leave.
async fn submit(scene: &Scene, declared: Vec<Declared>) -> RequestId {
    let ask = Submission {
        id: RequestId::new(scene.ports().ids.name()),
        project: ProjectId::parse("TREProject1Prod").unwrap(),
        workspace: WorkspaceId::parse("w").unwrap(),
        title: Title::parse("Tables").unwrap(),
        purpose: None,
        manifest: Manifest::declare(declared).unwrap(),
    };
    submit::run(scene.ports(), &scene.caller(RESEARCHER).await, ask).await.unwrap().id
}

async fn request(scene: &Scene, id: RequestId) -> Request {
    scene.ports().requests.find(id).await.unwrap().unwrap()
}

async fn is_kept(scene: &Scene, object: &ObjectVersion) -> bool {
    scene.ports().objects.read(object, 0, 1).await.is_ok()
}

/// Opens the house anew, with another floor for the disk's free space.
async fn reopen(scene: Scene, seed: u64, keep_free: &str) -> Scene {
    let (dir, mut setting) = (scene.house.dir().to_owned(), Setting::quiet(seed));
    setting.clock.set(scene.clock.now());
    let floor = "LOCKGATE_DISK_KEEP_FREE";
    setting.options.environment.retain(|(name, _)| name != floor);
    setting.options.environment.push((floor.into(), keep_free.into()));
    assert!(scene.house.close().await);
    Scene::open(&dir, setting).await
}

/// Has both stages approve, and requires that the request is released.
async fn release(scene: &Scene, id: RequestId) {
    for _ in 0..2 {
        scene.approve(&request(scene, id).await).await;
        scene.settle().await;
    }
    assert_eq!(request(scene, id).await.status.word(), StatusWord::Released);
    scene.hold_with(Outside { acknowledged: vec![id], at_rest: true, ..Outside::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_brought_goes_once_it_is_frozen_elsewhere_or_was_not_submitted_for_a_day() {
    let (scene, folder) = super::open().await;
    let (declared, submitted) = bring(&scene, folder.path(), "submitted.csv").await;
    let (_, forgotten) = bring(&scene, folder.path(), "forgotten.csv").await;
    let id = submit(&scene, declared).await;
    scene.settle().await;
    assert!(matches!(request(&scene, id).await.status, Status::InReview { .. }));
    scene.pass(SignedDuration::from_hours(23)).await;
    assert!(is_kept(&scene, &submitted).await && is_kept(&scene, &forgotten).await);
    let (_, young) = bring(&scene, folder.path(), "young.csv").await;
    scene.pass(SignedDuration::from_hours(2)).await;
    assert!(!is_kept(&scene, &submitted).await, "the frozen copy is what is decided upon");
    assert!(!is_kept(&scene, &forgotten).await, "nobody submitted it for a day");
    assert!(is_kept(&scene, &young).await);
    release(&scene, id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_still_has_to_be_frozen_from_is_kept_however_long_that_takes() {
    let (scene, folder) = super::open().await;
    let (declared, needed) = bring(&scene, folder.path(), "needed.csv").await;
    let id = submit(&scene, declared).await;
    // No disk has as many MiB free as this house wants to keep free, so nothing can be staged.
    let scene = reopen(scene, 6, "1000000000").await;
    for _ in 0..4 {
        scene.pass(SignedDuration::from_hours(20)).await;
    }
    assert_eq!(request(&scene, id).await.status.word(), StatusWord::Staging, "it waits for room");
    assert!(is_kept(&scene, &needed).await);
    let scene = reopen(scene, 7, "0").await;
    scene.pass(SignedDuration::from_hours(1)).await;
    release(&scene, id).await;
}
