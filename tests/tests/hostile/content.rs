//! Stores whose content is not what one would like: empty, gone, changed.

use std::collections::BTreeMap;

use serde_json::json;
use tests::process::run;
use workflow::domain::policy::Policy;

use crate::platform::{Platform, sentence_of};
use crate::unpack;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_bytes_is_released_like_any_other() {
    let platform = Platform::new(Policy::SINGLE).await;
    let lines = [
        platform.store(1, ("empty.csv", b"")).await,
        platform.store(1, ("b/also empty", b"")).await,
        platform.store(1, ("c.csv", b"1\n")).await,
    ];
    platform.submit(1, &lines).await;
    let zip = platform.release(1).await;
    let file = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    let promised = BTreeMap::from([file("empty.csv", b""), file("b/also empty", b""), file("c.csv", b"1\n")]);
    unpack::everywhere(&zip, &promised);
    platform.hold([1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_nothing_to_review_comes_back() {
    let platform = Platform::new(Policy::SINGLE).await;
    let marker = platform.store(1, ("", b"")).await;
    let deeper = platform.store(1, ("folder/", b"")).await;
    for (number, lines) in [(1, vec![marker, deeper]), (2, vec![])] {
        let sentence = sentence_of(&platform.submit(number, &lines).await);
        assert!(sentence.contains("there is no file to review"), "{sentence}");
    }
    for (number, list) in [(3, ""), (4, "{}"), (5, "[]"), (6, "null"), (7, "{\"objects\":null}"), (8, "\u{0}")] {
        let sentence = sentence_of(&platform.submit_list(number, list.as_bytes().to_vec()).await);
        assert!(sentence.contains("version list cannot be read"), "{sentence}");
    }
    platform.hold(1..=8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_are_gone_are_named_and_the_request_comes_back() {
    let platform = Platform::new(Policy::SINGLE).await;
    let (there, mut gone) = (platform.store(1, ("a.csv", b"1")).await, platform.store(1, ("b.csv", b"1")).await);
    gone["VersionId"] = "no-such-version".into();
    let mut bare = there.clone();
    bare["Key"] = "store-1/c.csv".into();
    let sentence = sentence_of(&platform.submit(1, &[there.clone(), gone, bare]).await);
    assert!(sentence.contains("'b.csv' is gone; 'c.csv' is gone"), "{sentence}");
    let mut unnamed = platform.store(2, ("a.csv", b"1")).await;
    unnamed["VersionId"] = json!(null);
    let sentence = sentence_of(&platform.submit(2, &[unnamed]).await);
    assert!(sentence.contains("names no version for 'a.csv'"), "{sentence}");
    let outside = platform.store(4, ("a.csv", b"of another store")).await;
    let sentence = sentence_of(&platform.submit(3, &[outside]).await);
    assert!(sentence.contains("which is not in the folder that was submitted"), "{sentence}");
    platform.hold([1, 2, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_or_overwritten_after_the_list_was_written_leaves_as_it_was_listed() {
    let platform = Platform::new(Policy::SINGLE).await;
    let lines =
        [platform.store(1, ("deleted.csv", b"first")).await, platform.store(1, ("overwritten.csv", b"first")).await];
    platform.delete(1, "deleted.csv").await;
    platform.store(1, ("overwritten.csv", b"second, and longer")).await;
    platform.submit(1, &lines).await;
    platform.store(1, ("deleted.csv", b"third")).await;
    let zip = platform.release(1).await;
    let file = |name: &str| (name.to_owned(), b"first".to_vec());
    unpack::everywhere(&zip, &BTreeMap::from([file("deleted.csv"), file("overwritten.csv")]));
    platform.hold([1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_is_not_the_versions_own_comes_back() {
    let platform = Platform::new(Policy::SINGLE).await;
    let mut line = platform.store(1, ("a.csv", b"12345")).await;
    line["Size"] = 4.into();
    let sentence = sentence_of(&platform.submit(1, &[line]).await);
    assert!(sentence.contains("'a.csv' has 5 bytes instead of 4"), "{sentence}");
    platform.hold([1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_under_many_names_are_all_there() {
    let platform = Platform::new(Policy::SINGLE).await;
    let (mut lines, mut promised) = (Vec::new(), BTreeMap::new());
    for index in 0..100 {
        let name = format!("{}/{index}.csv", index % 7);
        lines.push(platform.store(1, (&name, b"the same")).await);
        promised.insert(name, b"the same".to_vec());
    }
    platform.submit(1, &lines).await;
    let zip = platform.release(1).await;
    unpack::everywhere(&zip, &promised);
    assert!(run("unzip", ["-l", zip.to_str().unwrap()]).contains("103 files"));
    platform.hold([1]).await;
}
