//! Names and bytes that were made to act in a reviewer's browser.

use std::path::PathBuf;

use serde_json::{Value, json};
use tests::scene::IRIS;

use crate::approve::{propose, submit};
use crate::browser::Browser;
use crate::house::{House, RUTH};

/// What acts if it is let: it leaves a mark in every page that runs it.
const ACT: &str = "document.documentElement.dataset.canary=1;window.canary=1";

/// Names with bytes, each of them an attempt.
fn attempts() -> Vec<(String, Vec<u8>)> {
    let image = format!("<img src=x onerror=\"{ACT}\">");
    let script = format!("<script>{ACT}</script>");
    let named = |name: &str, bytes: &str| (name.to_owned(), bytes.as_bytes().to_vec());
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"{ACT}\"><script>{ACT}</script></svg>");
    let mut disguised = b"GIF89a/*".to_vec();
    disguised.extend_from_slice(format!("*/=1;{ACT}//").as_bytes());
    vec![
        named(
            "<img src=x onerror=window.canary=1>.csv",
            &format!("a,{image}\n1,{script}\n=HYPERLINK(\"javascript:{ACT}\"),2\n"),
        ),
        named("'-alert(1)-'.csv", "a,b\n1,2\n"),
        named("javascript:window.canary=1.txt", &script),
        named("page.html", &format!("<!doctype html><title>x</title>{script}{image}")),
        named("drawing.svg", &svg),
        named("{{7*7}}${7*7}<%= 7*7 %>.txt", "{{7*7}} ${7*7}"),
        named("r\u{435}port.csv", "mixed,alphabets\n1,2\n"),
        ("picture.gif".to_owned(), disguised),
        ("bytes.png".to_owned(), vec![0, 1, 2, 255, 254, 60, 115, 99, 114, 105, 112, 116, 62]),
        named("control.txt", "\u{1b}[31mred\u{1b}]0;title\u{7}\u{0}\u{8}\r\nLocation: /elsewhere"),
    ]
}

fn write(folder: &std::path::Path) -> Vec<PathBuf> {
    std::fs::create_dir_all(folder).unwrap();
    let place = |(name, bytes): (String, Vec<u8>)| {
        let file = folder.join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    attempts().into_iter().map(place).collect()
}

/// Requires that nothing acted on the page, and that the browser had nothing to stop.
async fn is_calm(browser: &Browser) {
    let script = "return [window.canary, document.documentElement.dataset.canary, document.title]";
    let found = browser.client.execute(script, vec![]).await.unwrap();
    let place = browser.place().await;
    assert!(found[0].is_null() && found[1].is_null(), "something acted on {place}: {found}");
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{place}: {complaints:#?}");
}

/// A name that is read from right to left is not even taken, and the page says which and why.
async fn refuse(house: &House, browser: &Browser) {
    let file = house.desk().join("txt.\u{202E}gnp.exe");
    std::fs::write(&file, "right to left").unwrap();
    browser.follow("Submit files").await;
    browser.fill("Workspace", "workspace-7").await;
    browser.fill("Title", "Regional counts").await;
    browser.attach("Files", &[file]).await;
    browser.press("Send and submit").await;
    browser
        .find("//*[@role='alert' and contains(., 'invisible character') and contains(., 'Nothing was submitted')]")
        .await;
    browser.picture("hostile", "0-refused").await;
    is_calm(browser).await;
}

/// Types what would be an event of its own, if the log took it as it is.
async fn forge_an_event(house: &House) {
    let before = house.log().lines().count();
    let event = "x\r\n{\"timestamp\":\"2026\",\"level\":\"INFO\",\"message\":\"canary\"}\n\u{1b}[2K\u{202E}";
    let typed = json!({ "email": event, "password": event });
    let call = tests::client::client().post(format!("{}/session", house.url())).json(&typed);
    assert_eq!(call.send().await.unwrap().status().as_u16(), 401);
    let log = house.log();
    assert!(log.lines().count() > before && !log.contains("canary"), "the try is an event, and what was typed is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_researchers_acts_in_a_reviewers_browser() {
    let house = House::open().await;
    let files = write(&house.desk().join("files"));
    let ruth = Browser::of(&house, RUTH).await;
    let title = format!("<img src=x onerror={ACT}>");
    refuse(&house, &ruth).await;
    let request = submit(&ruth, &title, &files).await;
    is_calm(&ruth).await;
    ruth.until(&request, "In review").await;
    ruth.fill("Ask or answer", &format!("</textarea><script>{ACT}</script>")).await;
    ruth.press("Send").await;
    ruth.reads("Your comment is on record").await;
    ruth.picture("hostile", "1-request").await;
    is_calm(&ruth).await;
    ruth.close().await;

    let iris = Browser::of(&house, IRIS).await;
    is_calm(&iris).await;
    iris.picture("hostile", "2-home").await;
    for page in ["/requests?list=OPEN", &request, &format!("{request}/files"), &format!("{request}/decide")] {
        iris.go(page).await;
        is_calm(&iris).await;
    }
    for index in 0..files.len() {
        iris.go(&format!("{request}/look/{index}")).await;
        iris.picture("hostile", &format!("3-look-{index}")).await;
        is_calm(&iris).await;
        iris.go(&format!("{request}/files/{index}")).await;
        let script = "return [window.canary, document.documentElement.dataset?.canary]";
        let found = iris.client.execute(script, vec![]).await.unwrap();
        assert_eq!(found, json!([null, null]), "the bytes of {index} acted");
        // A browser's own way to show an image has a style of its own, which the sandbox stops: that is no alarm.
        let is_style =
            |entry: &Value| entry["message"].as_str().is_some_and(|said| said.contains("Applying inline style"));
        let complaints = iris.complaints().await;
        assert!(complaints.iter().all(is_style), "{index}: {complaints:#?}");
    }
    propose(&iris, &request, ("Reject", &format!("<script>{ACT}</script> is in a name"))).await;
    is_calm(&iris).await;
    iris.press("Reject").await;
    iris.reads("Your decision is on record").await;
    is_calm(&iris).await;
    iris.until(&request, "Rejected").await;
    forge_an_event(&house).await;
    iris.picture("hostile", "4-rejected").await;
    iris.close().await;
    house.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_did_act_would_be_seen() {
    let house = House::open().await;
    let iris = Browser::of(&house, IRIS).await;
    let plant = "const script = document.createElement('script'); script.textContent = 'window.canary = 1'; \
                 document.body.append(script); return window.canary ?? null";
    assert!(iris.client.execute(plant, vec![]).await.unwrap().is_null(), "the policy stops it");
    let complaints = iris.complaints().await;
    assert!(complaints.iter().any(|entry| entry["source"] == "security"), "{complaints:#?}");
}
