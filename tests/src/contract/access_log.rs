//! The contract of [`AccessLog`].

use futures_util::future::join_all;
use jiff::civil::{Date, date};
use workflow::domain::access::{Access, Look, Segment};
use workflow::domain::digest::Digest;
use workflow::ports::AccessLog;

use crate::builders::{email, request_id};

/// This suite, for the check that no case is forgotten.
pub const SOURCE: &str = include_str!("access_log.rs");

const MONDAY: Date = date(2026, 1, 5);
const TUESDAY: Date = date(2026, 1, 6);
const WEDNESDAY: Date = date(2026, 1, 7);

/// Runs the suite on what a function makes.
#[macro_export]
macro_rules! access_log_contract {
    ($make:path) => {
        $crate::contract!(
            access_log,
            $make,
            [
                entries_are_read_by_day_in_order_and_in_pages,
                a_day_is_a_day_of_utc,
                what_many_write_at_once_is_all_there,
                a_segment_is_what_its_entries_make_it,
                a_segment_that_was_asked_for_never_changes,
            ]
        );
    };
}

/// Days are long; they are read a piece at a time.
pub async fn entries_are_read_by_day_in_order_and_in_pages(log: &dyn AccessLog) {
    let monday: Vec<_> = (0..5).map(|second| look(&format!("2026-01-05T10:00:0{second}Z"))).collect();
    for entry in monday.iter().chain([&look("2026-01-06T10:00:00Z")]) {
        log.append(entry).await.unwrap();
    }
    assert_eq!(log.read(MONDAY, 0, 2).await.unwrap(), monday[..2]);
    assert_eq!(log.read(MONDAY, 2, 100).await.unwrap(), monday[2..]);
    assert_eq!(log.read(MONDAY, 5, 100).await.unwrap(), []);
    assert_eq!(log.read(WEDNESDAY, 0, 100).await.unwrap(), []);
}

/// Wherever the house stands.
pub async fn a_day_is_a_day_of_utc(log: &dyn AccessLog) {
    let (last, first) = (look("2026-01-05T23:59:59.999999999Z"), look("2026-01-06T00:00:00Z"));
    log.append(&last).await.unwrap();
    log.append(&first).await.unwrap();
    assert_eq!(log.read(MONDAY, 0, 10).await.unwrap(), [last]);
    assert_eq!(log.read(TUESDAY, 0, 10).await.unwrap(), [first]);
}

/// Nobody's look is lost because somebody else looked.
pub async fn what_many_write_at_once_is_all_there(log: &dyn AccessLog) {
    let entries: Vec<_> = (0..40).map(|n| look(&format!("2026-01-05T10:00:{n:02}Z"))).collect();
    for written in join_all(entries.iter().map(|entry| log.append(entry))).await {
        written.unwrap();
    }
    let mut read = log.read(MONDAY, 0, 100).await.unwrap();
    read.sort_by_key(|entry| entry.at);
    assert_eq!(read, entries);
}

/// Whoever has the entries can compute what the checkpoint bound.
pub async fn a_segment_is_what_its_entries_make_it(log: &dyn AccessLog) {
    for at in ["2026-01-05T10:00:00Z", "2026-01-05T10:00:01Z", "2026-01-06T10:00:00Z", "2026-01-07T10:00:00Z"] {
        log.append(&look(at)).await.unwrap();
    }
    let expected = [(MONDAY, digest(log, MONDAY).await), (TUESDAY, digest(log, TUESDAY).await)];
    assert_eq!(log.segments(WEDNESDAY).await.unwrap(), expected);
    assert_eq!(log.segments(MONDAY).await.unwrap(), []);
}

/// Somebody who wrote down the time before midnight and came to the log after it changes nothing that is signed.
pub async fn a_segment_that_was_asked_for_never_changes(log: &dyn AccessLog) {
    log.append(&look("2026-01-05T10:00:00Z")).await.unwrap();
    let before = log.segments(WEDNESDAY).await.unwrap();
    let late = look("2026-01-05T23:59:59Z");
    log.append(&late).await.unwrap();
    log.append(&look("2026-01-06T23:59:59Z")).await.unwrap();
    assert_eq!(log.segments(WEDNESDAY).await.unwrap(), before);
    assert_eq!(log.segments(TUESDAY).await.unwrap(), before);
    assert!(log.read(WEDNESDAY, 0, 10).await.unwrap().contains(&late));
    assert_eq!(digest(log, MONDAY).await, before[0].1);
}

async fn digest(log: &dyn AccessLog, day: Date) -> Digest {
    let mut segment = Segment::default();
    for entry in log.read(day, 0, 1_000).await.unwrap() {
        segment.push(&entry);
    }
    segment.digest()
}

fn look(at: &str) -> Access {
    Access {
        at: at.parse().unwrap(),
        person: Some(email("ada@example.org")),
        system_user: None,
        origin: Some("127.0.0.1".to_owned()),
        what: Look::Request { request: request_id(1) },
    }
}
