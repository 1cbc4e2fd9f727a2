//! The limits of a policy, at the limit and one past it.

use serde_json::Value;
use tests::builders::request_id;
use workflow::domain::policy::Policy;

use crate::platform::{Platform, sentence_of};

/// A policy under which a request has at most three files, ten bytes in one and twenty in all.
fn narrow() -> String {
    let (before, after) = Policy::SINGLE.split_once("[limits]").unwrap();
    let rest = after.split_once("[[stage]]").unwrap().1;
    format!("{before}[limits]\nfiles = 3\nbytes_per_file = 10\nbytes = 20\n\n[[stage]]{rest}")
}

async fn submit(platform: &Platform, number: u64, sizes: &[usize]) -> workflow::domain::request::Request {
    let mut lines: Vec<Value> = Vec::new();
    for (index, size) in sizes.iter().enumerate() {
        lines.push(platform.store(number, (&format!("{index}.csv"), &vec![b'x'; *size])).await);
    }
    platform.submit(number, &lines).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_at_a_limit_is_reviewed_and_one_past_it_comes_back() {
    let platform = Platform::new(&narrow()).await;
    for (number, sizes) in [(1, &[1, 1, 1][..]), (2, &[10]), (3, &[10, 10]), (4, &[10, 9, 1]), (5, &[0, 0, 0])] {
        let request = submit(&platform, number, sizes).await;
        assert_eq!(request.status.word().as_str(), "in_review", "{sizes:?}: {:?}", request.round().ended_because);
    }
    for (number, sizes, problem) in [
        (6, &[1, 1, 1, 1][..], "it has 4 files, and the policy allows 3"),
        (7, &[11], "0.csv has 11 bytes, and the policy allows 10 in one file"),
        (8, &[10, 10, 1], "it has 21 bytes, and the policy allows 20"),
    ] {
        let sentence = sentence_of(&submit(&platform, number, sizes).await);
        assert!(sentence.contains(problem), "{sentence}");
    }
    platform.hold(1..=8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_that_add_up_to_more_than_can_be_counted_come_back() {
    let platform = Platform::new(Policy::SINGLE).await;
    let mut lines = vec![platform.store(1, ("a", b"1")).await, platform.store(1, ("b", b"1")).await];
    for line in &mut lines {
        line["Size"] = u64::MAX.into();
    }
    let sentence = sentence_of(&platform.submit(1, &lines).await);
    assert!(sentence.contains("too much for one request"), "{sentence}");
    for (number, size) in
        [(2, "18446744073709551616"), (3, "-1"), (4, "1e400"), (5, "\"1\""), (6, "\"\\u202e\\u0000\"")]
    {
        let list = format!(r#"{{"objects":[{{"Key":"store-{number}/a","Size":{size},"VersionId":"v"}}]}}"#);
        let request = platform.submit_list(number, list.into_bytes()).await;
        let sentence = sentence_of(&request);
        assert!(sentence.contains("version list cannot be read"), "{sentence}");
    }
    assert_eq!(platform.find(6).await.id, request_id(6));
    platform.hold(1..=6).await;
}
