//! The checker itself: whatever must never happen is made to happen, and it has to be seen.

use std::collections::BTreeSet;

use tests::builders::{NOTICE, request_id};
use tests::invariants::{self, Outside};
use tests::scene::{IRIS, Scene, Setting, Story, prepare};
use workflow::actions;
use workflow::domain::decision::Opinion;
use workflow::domain::outward::UpstreamStatus;
use workflow::domain::policy::Policy;
use workflow::domain::request::Request;
use workflow::domain::status::StatusWord;
use workflow::ports::object_store::{Area, Place};

/// A house with its database, for whoever tampers.
pub(crate) struct Tampered {
    pub(crate) scene: Scene,
    folder: tempfile::TempDir,
}

impl Tampered {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = folder.path().join("house");
        prepare(&house, Policy::TWO_STAGE).await;
        Self { scene: Scene::open(&house, Setting::quiet(2)).await, folder }
    }

    /// A request that waits for its first stage.
    pub(crate) async fn in_review(&self) -> Request {
        actions::receive::run(self.scene.ports(), NOTICE.as_bytes()).await.unwrap();
        self.scene.settle().await;
        self.scene.request().await.unwrap()
    }

    /// Writes behind everybody's back.
    pub(crate) fn write(&self, sql: &str, parameters: impl rusqlite::Params) {
        let database = rusqlite::Connection::open(self.folder.path().join("house/lockgate.db")).unwrap();
        database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        assert!(database.execute(sql, parameters).unwrap() > 0, "nothing was tampered with");
    }

    /// Puts another request in the place of the row's.
    pub(crate) fn replace(&self, request: &Request) {
        let body = serde_json::to_string(request).unwrap();
        self.write("UPDATE requests SET body = ?1 WHERE id = ?2", (body, request.id.to_string()));
    }

    /// Puts bytes of a request into an area, as no step would.
    pub(crate) async fn put(&self, area: Area, request: &Request, key: &str) {
        let owner = Some((request.id, request.round().number));
        let place = Place { area, owner, key: key.to_owned() };
        self.scene.ports().objects.put(&place, b"these bytes should not be here"[..].into()).await.unwrap();
    }

    /// Which invariants the checker finds broken.
    async fn broken(&self, outside: Outside) -> BTreeSet<u8> {
        invariants::check(self.scene.ports(), &outside).await.into_iter().map(|found| found.invariant).collect()
    }

    async fn broken_at_rest(&self) -> BTreeSet<u8> {
        self.broken(Outside { at_rest: true, ..Outside::default() }).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_an_archive_without_every_approval() {
    let house = Tampered::new().await;
    let request = house.in_review().await;
    assert!(house.broken(Outside::default()).await.is_empty());
    house.put(Area::Release, &request, &request.release_key()).await;
    assert!(house.broken(Outside::default()).await.contains(&1));
    // One approval of two is not every approval either.
    house.scene.decide(IRIS, Opinion::Approve).await.unwrap();
    assert!(house.broken(Outside::default()).await.contains(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_other_bytes_than_those_that_were_decided_upon() {
    let house = Tampered::new().await;
    let request = house.scene.play(Story::RELEASE).await;
    assert!(house.broken_at_rest().await.is_empty());
    let archive = request.release.as_ref().unwrap().archive.as_ref().unwrap();
    let path = house.scene.house.dir().join("release").join(&archive.key);
    let whole = std::fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    std::fs::write(&path, altered).unwrap();
    assert!(house.broken_at_rest().await.contains(&2));
    std::fs::write(&path, whole).unwrap();
    let mut other = request.clone();
    other.rounds.last_mut().unwrap().manifest.as_mut().unwrap().digest = workflow::domain::digest::Digest::of(b"other");
    house.replace(&other);
    assert!(house.broken_at_rest().await.contains(&2), "the manifest in the archive is not the one decided upon");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_what_was_lost_or_is_stuck() {
    let house = Tampered::new().await;
    let mut request = house.in_review().await;
    let acknowledged = vec![request.id, request_id(77)];
    assert!(house.broken(Outside { acknowledged, ..Outside::default() }).await.contains(&3));
    request.waiting = None;
    house.replace(&request);
    let broken = house.broken_at_rest().await;
    assert!(broken.contains(&4) && broken.contains(&9), "{broken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_a_store_of_the_platform_that_disagrees() {
    let house = Tampered::new().await;
    let request = house.in_review().await;
    let store = request.store.as_ref().unwrap();
    let stores = &house.scene.ports().egress_stores;
    assert!(stores.free(store, request.id, UpstreamStatus::Processed).await.unwrap());
    assert!(house.broken_at_rest().await.contains(&5));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_somebody_who_decided_twice_or_after_the_end() {
    let house = Tampered::new().await;
    let mut request = house.scene.play(Story::RELEASE).await;
    let first = request.round().decisions[0].clone();
    request.rounds.last_mut().unwrap().decisions.insert(1, first);
    house.replace(&request);
    assert!(house.broken_at_rest().await.contains(&6));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_rejected_bytes_that_can_be_had_and_bytes_that_lie_about() {
    let house = Tampered::new().await;
    let request = house.scene.play(Story::REJECT).await;
    house.scene.hold().await;
    house.put(Area::Release, &request, &request.release_key()).await;
    assert!(house.broken_at_rest().await.contains(&7));
    let released = Tampered::new().await;
    let request = released.scene.play(Story::RELEASE).await;
    released.put(Area::Staging, &request, &request.staging_key(1, "left.csv")).await;
    assert!(released.broken_at_rest().await.contains(&8));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_a_chain_that_was_cut_a_mail_that_is_due_and_a_secret_in_the_log() {
    let house = Tampered::new().await;
    let request = house.in_review().await;
    assert_eq!(request.status.word(), StatusWord::InReview);
    house.write("UPDATE outbox SET due_at = 0", ());
    assert!(house.broken_at_rest().await.contains(&10));
    house.write("DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)", ());
    assert!(house.broken(Outside::default()).await.contains(&9));
    let (logs, canaries) = ("it is kanarienvogel".to_owned(), vec!["kanarienvogel".to_owned()]);
    assert!(house.broken(Outside { logs, canaries, ..Outside::default() }).await.contains(&11));
}
