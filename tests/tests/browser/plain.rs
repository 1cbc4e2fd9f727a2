//! A browser that runs no scripts.

use tests::scene::{IRIS, RITA};

use crate::approve::{YES, decide, files, submit};
use crate::browser::{Browser, Scripts};
use crate::house::{House, RUTH};

/// Files whose names do not survive every way of sending them, with what is staged for each.
const NAMES: [(&str, &str); 5] = [
    ("Zählung & Rest (1).csv", "Zählung & Rest (1).csv"),
    ("100% 'sure'; really.txt", "100% 'sure'; really.txt"),
    // A form has no other way to say a quotation mark.
    ("a \"quoted\" name.txt", "a %22quoted%22 name.txt"),
    ("表.csv", "表.csv"),
    ("con.txt", "_con.txt"),
];

#[tokio::test(flavor = "multi_thread")]
async fn reviewers_and_requesters_need_no_script() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    ruth.until(&request, "In review").await;
    ruth.close().await;
    for person in [IRIS, RITA] {
        let browser = Browser::open_at(&house.url(), Scripts::Blocked).await;
        browser.enter(person).await;
        browser.until("/", "Regional counts").await;
        browser.follow("Requests").await;
        browser.fill("Title, purpose or id", "regional").await;
        browser.press("Show").await;
        browser.follow("Regional counts").await;
        browser.follow("output_0_0.csv").await;
        browser.reads("Columns").await;
        browser.go(&request).await;
        browser.fill("Ask or answer", "Are these all the tables?").await;
        browser.press("Send").await;
        browser.reads("Your comment is on record").await;
        decide(&browser, &request, YES).await;
        browser.picture("plain", &person[..4]).await;
        browser.close().await;
    }
    let ruth = Browser::open_at(&house.url(), Scripts::Blocked).await;
    ruth.enter(RUTH).await;
    ruth.follow("Submit files").await;
    ruth.reads("JavaScript").await;
    ruth.picture("plain", "submit").await;
    ruth.until(&request, "Download the archive").await;
    ruth.press("Download the archive").await;
    let archive = ruth.downloaded().await;
    assert!(house.call(&["release", "verify", archive.to_str().unwrap()]).status.success());
    ruth.press("Sign out").await;
    ruth.reads("You are signed out").await;
    ruth.close().await;
    house.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_chosen_without_a_script_are_staged_under_their_names() {
    let house = House::open().await;
    let write = |(name, _): &(&str, &str)| {
        let file = house.desk().join(name);
        std::fs::write(&file, format!("bytes of {name}")).unwrap();
        file
    };
    let files: Vec<_> = NAMES.iter().map(write).collect();
    let ruth = Browser::open_at(&house.url(), Scripts::Blocked).await;
    ruth.enter(RUTH).await;
    let request = submit(&ruth, "Odd names", &files).await;
    ruth.until(&request, "In review").await;
    ruth.picture("plain", "submitted").await;
    ruth.go(&format!("{request}/files")).await;
    for (name, staged) in NAMES {
        ruth.reads(staged).await;
        let is_changed = staged.starts_with('_');
        assert_eq!(ruth.text().await.contains(&format!("submitted as {name}")), is_changed, "{name}");
    }
    ruth.close().await;
    house.hold().await;
}
