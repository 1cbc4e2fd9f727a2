//! A backup from before something happened.

use jiff::SignedDuration;
use tests::builders::{NOTICE, request_id};
use tests::invariants::{Outside, trail};
use tests::scene::{OLGA, Story, sample, sample_id};
use workflow::actions;
use workflow::domain::notice::Notice;
use workflow::domain::status::{Status, StatusWord};
use workflow::ports::outbox::Drawer;

use crate::{Yard, archive};

#[tokio::test]
async fn what_was_under_way_begins_anew_and_comes_to_its_end() {
    let (yard, scene) = Yard::open().await;
    scene.house.back_up(&yard.path("backup"), false).await.unwrap();
    let mac = scene.ports().sealer.mac(b"what was seen").await.unwrap();
    let run = scene.request().await.unwrap().run;
    drop(scene);
    yard.setting.clock.advance(SignedDuration::from_hours(20));
    let restored = yard.bring_back(&yard.order("restored")).await.unwrap();
    assert!(restored.is_signature_checked);
    assert_eq!(restored.findings.resumed, [sample_id()]);
    let scene = yard.scene("restored").await;
    assert_ne!(scene.ports().sealer.mac(b"what was seen").await.unwrap(), mac, "what was proven before still counts");
    scene.settle().await;
    assert_eq!(scene.request().await.unwrap().run, run + 1);
    let released = scene.play(Story::RELEASE).await;
    assert_eq!(released.status.word(), StatusWord::Released);
    let words: Vec<_> = trail(scene.ports(), sample_id()).await.iter().map(|event| event.fact.word()).collect();
    assert!(words.contains(&"restored"), "{words:?}");
    scene.hold().await;
}

#[tokio::test]
async fn what_was_released_since_is_never_released_again() {
    let (yard, scene) = Yard::open().await;
    scene.house.back_up(&yard.path("backup"), false).await.unwrap();
    assert_eq!(scene.play(Story::RELEASE).await.status.word(), StatusWord::Released);
    assert!(scene.house.close().await);
    let bytes = archive(&yard.house());
    yard.setting.clock.advance(SignedDuration::from_hours(20));
    let mut order = yard.order("restored");
    order.beside = Some(yard.house());
    let restored = yard.bring_back(&order).await.unwrap();
    assert_eq!(restored.findings.released_since, [sample_id()]);
    assert_eq!(archive(&order.to), bytes);
    let scene = yard.scene("restored").await;
    scene.settle().await;
    let request = scene.request().await.unwrap();
    assert!(matches!(&request.status, Status::Failed { cause, .. } if cause.error == "Lockgate.ReleasedSince"));
    // An operator who lets it go on all the same releases nothing: what is there stays.
    let operator = scene.caller(OLGA).await;
    actions::retry::run(scene.ports(), &operator, sample_id(), None).await.unwrap();
    let request = scene.play(Story::RELEASE).await;
    assert_eq!(request.status.word(), StatusWord::Failed);
    assert_eq!(archive(&order.to), bytes);
    scene.hold_with(Outside { acknowledged: vec![sample_id()], ..Outside::default() }).await;
}

#[tokio::test]
async fn requests_that_came_later_are_named() {
    let (yard, scene) = Yard::open().await;
    scene.house.back_up(&yard.path("backup"), false).await.unwrap();
    let mut later: serde_json::Value = serde_json::from_str(NOTICE).unwrap();
    later["id"] = request_id(77).to_string().into();
    for field in ["egress_store_id", "workspace_id"] {
        later[field] = "store-77".into();
    }
    later["s3_bucketpath"] = "store-77/".into();
    later["egress_store_object_list_location"] = "arn:aws:s3:::notifications/store-77/ver1.json".into();
    let later = later.to_string();
    tests::scene::load(&scene.house, &Notice::parse(later.as_bytes()).unwrap(), &sample()).await;
    actions::receive::run(scene.ports(), later.as_bytes()).await.unwrap();
    scene.settle().await;
    assert!(scene.house.close().await);
    let mut order = yard.order("restored");
    order.beside = Some(yard.house());
    let restored = yard.bring_back(&order).await.unwrap();
    assert_eq!(restored.findings.unknown, [request_id(77).to_string()]);
    // Asked for again, it is taken as what it is: a request that the house has not seen.
    let scene = yard.scene("restored").await;
    actions::receive::run(scene.ports(), later.as_bytes()).await.unwrap();
    scene.settle().await;
    assert!(scene.ports().requests.find(request_id(77)).await.unwrap().is_some());
}

#[tokio::test]
async fn mails_that_were_due_wait_for_an_operator() {
    let (yard, scene) = Yard::open().await;
    // Nobody has delivered yet what the last change put into the outbox.
    let caller = scene.caller(OLGA).await;
    let reason = workflow::domain::text::Reason::parse("the project has ended").unwrap();
    actions::abort::run(scene.ports(), &caller, sample_id(), reason).await.unwrap();
    scene.house.engine().idle().await;
    let due = scene.ports().outbox.list(Drawer::Due, 100).await.unwrap().len();
    assert!(due > 0);
    scene.house.back_up(&yard.path("backup"), true).await.unwrap();
    drop(scene);
    let restored = yard.bring_back(&yard.order("restored")).await.unwrap();
    assert!(restored.findings.mails_held > 0);
    let scene = yard.scene("restored").await;
    scene.settle().await;
    let waiting = scene.ports().outbox.list(Drawer::Undeliverable, 100).await.unwrap();
    assert_eq!(waiting.len() as u64, restored.findings.mails_held);
    assert!(waiting.iter().all(|posting| posting.trouble.as_deref().is_some_and(|trouble| trouble.contains("backup"))));
    for posting in waiting {
        actions::retry_message::run(scene.ports(), &caller, posting.id).await.unwrap();
    }
    scene.hold().await;
}
