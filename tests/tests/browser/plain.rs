//! A browser that runs no scripts.

use tests::scene::{IRIS, RITA};

use crate::approve::{YES, decide, files, submit};
use crate::browser::{Browser, Scripts};
use crate::house::{House, RUTH};

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
