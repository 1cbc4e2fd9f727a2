//! The contract of [`ObjectStore`].

mod assembly;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::join_all;
use workflow::domain::digest::Digest;
use workflow::ports::object_store::{Area, Measured, ObjectVersion, Place};
use workflow::ports::{Kind, ObjectStore};

use crate::builders::request_id;

pub use assembly::*;

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = concat!(include_str!("object_store.rs"), include_str!("object_store/assembly.rs"));

/// What researchers do in the source area, outside of our reach.
#[async_trait]
pub trait Researcher: Send + Sync {
    /// Puts a new version under a key, which begins with the name of a bucket and `/`.
    async fn upload(&self, key: &str, bytes: &[u8]) -> ObjectVersion;

    /// Deletes what is under a key, so that its older versions stay.
    async fn remove(&self, key: &str);
}

/// The port, and whoever fills its source area.
pub struct Files {
    /// The port.
    pub objects: Arc<dyn ObjectStore>,
    /// Who fills the source area.
    pub researcher: Arc<dyn Researcher>,
}

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! object_store_contract {
    ($make:path) => {
        $crate::contract!(
            object_store,
            $make,
            [
                every_version_of_a_source_object_stays_what_it_was,
                what_was_removed_has_no_newest_version_and_keeps_the_old_ones,
                an_object_is_read_by_range,
                what_is_not_there_is_missing,
                an_object_that_is_put_again_is_the_same_version,
                other_bytes_under_one_key_are_a_conflict,
                of_racing_puts_one_is_what_everybody_reads,
                a_frozen_file_is_measured_and_stays_what_it_was,
                a_file_that_is_frozen_again_is_the_same_copy,
                what_the_source_does_not_have_is_not_frozen,
                a_deleted_version_is_gone_for_good,
                equal_bytes_of_two_requests_are_not_shared,
                the_belongings_of_a_request_are_its_own_in_every_round,
                an_assembly_is_nowhere_before_it_is_complete,
                a_part_that_is_put_again_replaces_the_one_before,
                an_assembly_that_is_not_what_was_expected_is_not_published,
                an_assembly_that_is_completed_again_is_the_same_version,
                a_rival_assembly_of_other_bytes_is_a_conflict,
                an_aborted_assembly_is_gone_and_a_complete_one_stays,
                assemblies_under_way_are_listed_with_their_owners,
            ]
        );
    };
}

/// A researcher goes on working on a file that was submitted.
pub async fn every_version_of_a_source_object_stays_what_it_was(files: &Files) {
    let key = "bucket/ws/a.csv";
    assert_eq!(files.objects.latest(Area::Source, key).await.unwrap(), None);
    let one = files.researcher.upload(key, b"one").await;
    let two = files.researcher.upload(key, b"two!").await;
    assert_ne!(one.version, two.version);
    assert_eq!(files.objects.latest(Area::Source, key).await.unwrap().as_ref(), Some(&two));
    assert_eq!(whole(files, &one).await, b"one"[..]);
    assert_eq!(whole(files, &two).await, b"two!"[..]);
}

/// A deletion is a version of its own.
pub async fn what_was_removed_has_no_newest_version_and_keeps_the_old_ones(files: &Files) {
    let key = "bucket/ws/a.csv";
    let one = files.researcher.upload(key, b"one").await;
    files.researcher.remove(key).await;
    assert_eq!(files.objects.latest(Area::Source, key).await.unwrap(), None);
    assert_eq!(whole(files, &one).await, b"one"[..]);
}

/// A piece from anywhere; at the end, what there is.
pub async fn an_object_is_read_by_range(files: &Files) {
    let object = files.objects.put(&record("a"), Bytes::from_static(b"0123456789")).await.unwrap();
    assert_eq!(files.objects.size(&object).await.unwrap(), 10);
    for (from, length, expected) in
        [(0, 10, &b"0123456789"[..]), (3, 4, b"3456"), (8, 100, b"89"), (10, 5, b""), (50, 5, b""), (2, 0, b"")]
    {
        assert_eq!(files.objects.read(&object, from, length).await.unwrap(), expected, "{length} from {from}");
    }
    let empty = files.objects.put(&record("empty"), Bytes::new()).await.unwrap();
    assert_eq!(files.objects.size(&empty).await.unwrap(), 0);
    assert_eq!(whole(files, &empty).await, b""[..]);
}

/// A key, a version, an area: each has to be right.
pub async fn what_is_not_there_is_missing(files: &Files) {
    let there = files.objects.put(&record("a"), Bytes::from_static(b"a")).await.unwrap();
    for object in [
        ObjectVersion { key: "b".to_owned(), ..there.clone() },
        ObjectVersion { version: "00000000".to_owned(), ..there.clone() },
        ObjectVersion { area: Area::Release, ..there.clone() },
    ] {
        assert_eq!(files.objects.size(&object).await.unwrap_err().kind, Kind::Missing, "{object:?}");
        assert_eq!(files.objects.read(&object, 0, 1).await.unwrap_err().kind, Kind::Missing, "{object:?}");
    }
}

/// A step that did not hear the answer puts it again.
pub async fn an_object_that_is_put_again_is_the_same_version(files: &Files) {
    let bytes = Bytes::from(vec![7; 100_000]);
    let one = files.objects.put(&record("a"), bytes.clone()).await.unwrap();
    assert_eq!(files.objects.put(&record("a"), bytes.clone()).await.unwrap(), one);
    assert_eq!(files.objects.latest(Area::Records, "a").await.unwrap().as_ref(), Some(&one));
    assert_eq!(whole(files, &one).await, bytes);
}

/// What is on record is never replaced.
pub async fn other_bytes_under_one_key_are_a_conflict(files: &Files) {
    let one = files.objects.put(&record("a"), Bytes::from_static(b"one")).await.unwrap();
    let other = files.objects.put(&record("a"), Bytes::from_static(b"two")).await;
    assert_eq!(other.unwrap_err().kind, Kind::Conflict);
    assert_eq!(files.objects.latest(Area::Records, "a").await.unwrap().as_ref(), Some(&one));
    assert_eq!(whole(files, &one).await, b"one"[..]);
}

/// Two attempts at one step run at once.
pub async fn of_racing_puts_one_is_what_everybody_reads(files: &Files) {
    let place = record("a");
    let puts = (0..8_u8).map(|n| files.objects.put(&place, Bytes::from(vec![n; 1_000])));
    let outcomes = join_all(puts).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let winner = outcomes.iter().position(Result::is_ok).unwrap();
    let latest = files.objects.latest(Area::Records, "a").await.unwrap().unwrap();
    assert_eq!(whole(files, &latest).await, vec![u8::try_from(winner).unwrap(); 1_000]);
    assert!(outcomes.into_iter().filter_map(Result::err).all(|error| error.kind == Kind::Conflict));
}

/// What reviewers look at is what was submitted, whatever the researcher does meanwhile.
pub async fn a_frozen_file_is_measured_and_stays_what_it_was(files: &Files) {
    for (name, bytes) in [("a.csv", b"a,b\n1,2\n".to_vec()), ("empty", vec![]), ("large", vec![9; 6 << 20])] {
        let key = format!("bucket/ws/{name}");
        let source = files.researcher.upload(&key, &bytes).await;
        let (copy, measured) = files.objects.freeze(&source, &staged(1, 1, name)).await.unwrap();
        files.researcher.upload(&key, b"something else").await;
        files.researcher.remove(&key).await;
        assert_eq!(measured, measure(&bytes));
        assert_eq!(copy.area, Area::Staging);
        assert_eq!(whole(files, &copy).await, bytes);
    }
}

/// A step that is repeated makes no second copy.
pub async fn a_file_that_is_frozen_again_is_the_same_copy(files: &Files) {
    let source = files.researcher.upload("bucket/ws/a.csv", b"a,b\n").await;
    let first = files.objects.freeze(&source, &staged(1, 1, "a.csv")).await.unwrap();
    let again = files.objects.freeze(&source, &staged(1, 1, "a.csv")).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(files.objects.belongings(Area::Staging, request_id(1)).await.unwrap(), [first.0]);
}

/// Also where another version of the same object is there.
pub async fn what_the_source_does_not_have_is_not_frozen(files: &Files) {
    let there = files.researcher.upload("bucket/ws/a.csv", b"a,b\n").await;
    let gone = ObjectVersion { version: "00000000".to_owned(), ..there };
    let outcome = files.objects.freeze(&gone, &staged(1, 1, "a.csv")).await;
    assert_eq!(outcome.unwrap_err().kind, Kind::Missing);
    assert_eq!(files.objects.belongings(Area::Staging, request_id(1)).await.unwrap(), []);
}

/// Data that may not leave is deleted, and its neighbours are not.
pub async fn a_deleted_version_is_gone_for_good(files: &Files) {
    let source = files.researcher.upload("bucket/ws/a.csv", b"a,b\n").await;
    let (one, _) = files.objects.freeze(&source, &staged(1, 1, "a.csv")).await.unwrap();
    let (two, _) = files.objects.freeze(&source, &staged(1, 2, "a.csv")).await.unwrap();
    let (other, _) = files.objects.freeze(&source, &staged(1, 1, "b.csv")).await.unwrap();
    files.objects.delete(&[one.clone(), two.clone()]).await.unwrap();
    files.objects.delete(&[one.clone(), two.clone()]).await.unwrap();
    files.objects.delete(&[]).await.unwrap();
    assert_eq!(files.objects.read(&two, 0, 1).await.unwrap_err().kind, Kind::Missing);
    assert_eq!(files.objects.read(&one, 0, 1).await.unwrap_err().kind, Kind::Missing);
    assert_eq!(files.objects.latest(Area::Staging, &one.key).await.unwrap(), None);
    assert_eq!(whole(files, &other).await, b"a,b\n"[..]);
    assert_eq!(files.objects.belongings(Area::Staging, request_id(1)).await.unwrap(), [other]);
}

/// Deleting what is one request's leaves what is another's.
pub async fn equal_bytes_of_two_requests_are_not_shared(files: &Files) {
    let source = files.researcher.upload("bucket/ws/a.csv", b"a,b\n").await;
    let (one, _) = files.objects.freeze(&source, &staged(1, 1, "a.csv")).await.unwrap();
    let (other, _) = files.objects.freeze(&source, &staged(2, 1, "a.csv")).await.unwrap();
    files.objects.delete(std::slice::from_ref(&one)).await.unwrap();
    assert_eq!(whole(files, &other).await, b"a,b\n"[..]);
}

/// What has to be looked through before a request's bytes are said to be gone.
pub async fn the_belongings_of_a_request_are_its_own_in_every_round(files: &Files) {
    let source = files.researcher.upload("bucket/ws/a.csv", b"a,b\n").await;
    let mut own = Vec::new();
    for round in [1, 2] {
        own.push(files.objects.freeze(&source, &staged(1, round, "a.csv")).await.unwrap().0);
    }
    files.objects.freeze(&source, &staged(2, 1, "a.csv")).await.unwrap();
    let released = files.objects.put(&place(Area::Release, 1, 2, "a.zip"), Bytes::from_static(b"PK")).await.unwrap();
    let mut staging = files.objects.belongings(Area::Staging, request_id(1)).await.unwrap();
    staging.sort();
    own.sort();
    assert_eq!(staging, own);
    assert_eq!(files.objects.belongings(Area::Release, request_id(1)).await.unwrap(), [released]);
    assert_eq!(files.objects.belongings(Area::Staging, request_id(3)).await.unwrap(), []);
}

async fn whole(files: &Files, object: &ObjectVersion) -> Bytes {
    let size = files.objects.size(object).await.unwrap();
    files.objects.read(object, 0, size).await.unwrap()
}

fn measure(bytes: &[u8]) -> Measured {
    Measured { size: bytes.len() as u64, digest: Digest::of(bytes), crc32: crc32fast::hash(bytes) }
}

fn record(key: &str) -> Place {
    Place { area: Area::Records, owner: None, key: key.to_owned() }
}

fn staged(request: u64, round: u32, name: &str) -> Place {
    place(Area::Staging, request, round, name)
}

fn place(area: Area, request: u64, round: u32, name: &str) -> Place {
    let owner = request_id(request);
    Place { area, owner: Some((owner, round)), key: format!("ws/{owner}/r{round}/{name}") }
}
