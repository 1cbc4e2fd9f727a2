//! The end of the write-ahead log is torn, as it is when the power goes while it is written.

use std::path::Path;

use infra_embedded::RequestStore;
use tempfile::TempDir;
use tests::builders::{Story, commit, request_id};
use workflow::domain::audit::Actor;

use crate::witness::{FILE, reopen, whole_version};

/// So many changes are in the log.
const CHANGES: u64 = 30;

#[tokio::test]
async fn a_log_that_ends_early_holds_the_changes_before_its_end() {
    let (folder, log) = fill().await;
    let mut last = 0;
    for cut in cuts(log.len()) {
        let stored = version_with_log(folder.path(), &log[..cut]).await;
        assert!(stored >= last, "a longer log of {cut} bytes holds fewer changes: {stored} after {last}");
        last = stored;
    }
    assert_eq!(last, CHANGES);
}

#[tokio::test]
async fn a_log_with_a_damaged_page_holds_the_changes_before_the_damage() {
    let (folder, log) = fill().await;
    let mut last = 0;
    for place in cuts(log.len() - 1) {
        let mut damaged = log.clone();
        damaged[place] ^= 0x40;
        let stored = version_with_log(folder.path(), &damaged).await;
        assert!(stored >= last, "damage at {place} takes more changes than damage before it: {stored} after {last}");
        last = stored;
    }
    assert!(last >= CHANGES - 1);
}

/// A log from which nothing was moved into the database yet, beside that database.
async fn fill() -> (TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    // What a new database holds is put away when this one closes.
    drop(reopen(folder.path()));
    let database = reopen(folder.path());
    let requests = RequestStore::new(database.clone());
    let mut story = Story::of_notice(1, "store-1");
    for seconds in 1..=CHANGES {
        commit(&requests, story.last()).await;
        story = story.then(|request, at| request.extend_deadlines(seconds, Actor::chore("sweep"), at));
    }
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join(FILE), copy.path().join(FILE)).unwrap();
    let log = std::fs::read(folder.path().join(format!("{FILE}-wal"))).unwrap();
    (copy, log)
}

/// Places all over the log, the very first and the end among them.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    let step = (length / 60).max(1);
    (0..length).step_by(step).map(|cut| cut + cut % 7).filter(move |cut| *cut < length).chain([length])
}

/// Starts again with a database and a log, and gives the version that is there.
async fn version_with_log(database: &Path, log: &[u8]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(database.join(FILE), folder.path().join(FILE)).unwrap();
    std::fs::write(folder.path().join(format!("{FILE}-wal")), log).unwrap();
    let database = reopen(folder.path());
    let version = whole_version(&database, request_id(1)).await;
    // What was lost with the torn end does not hinder what comes next.
    commit(&RequestStore::new(database), Story::of_notice(2, "store-2").last()).await;
    version
}
