//! A session that ended while its page was open.

use tests::scene::IRIS;

use crate::approve::{decide, files, submit};
use crate::browser::Browser;
use crate::house::{House, RUTH};

/// Ends every session of whoever sits at the browser, as from another one of theirs.
async fn end_sessions(house: &House, browser: &Browser) {
    let call = tests::client::client().delete(format!("{}/sessions", house.url()));
    let answer = call.header("cookie", browser.cookie().await).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_decides_after_their_session_ended_is_told_and_comes_back() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    ruth.close().await;
    let iris = Browser::of(&house, IRIS).await;
    iris.until(&request, "Decide…").await;
    iris.follow("Decide…").await;
    iris.choose("Reject").await;
    iris.fill("Reason", "one cell is below ten").await;
    end_sessions(&house, &iris).await;
    iris.press("Go on").await;
    iris.picture("ended", "1-told").await;
    iris.headed("Your session has ended").await;
    iris.reads("Nothing was recorded").await;

    // A page that is only read leads through the sign-in and back to where she was.
    iris.go(&request).await;
    iris.picture("ended", "2-sign-in").await;
    iris.fill("E-mail address", IRIS).await;
    iris.fill("Password", crate::house::PASSWORD).await;
    iris.press("Sign in").await;
    iris.at(&request).await;
    iris.reads("No decision to be seen").await;
    decide(&iris, &request, ("Reject", "one cell is below ten")).await;
    iris.close().await;
    house.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_is_out_with_the_next_click() {
    let house = House::open().await;
    let iris = Browser::of(&house, IRIS).await;
    let shut = house.call(&["person", "disable", IRIS]);
    assert!(shut.status.success(), "{}", String::from_utf8_lossy(&shut.stderr));
    iris.follow("Requests").await;
    assert!(iris.place().await.starts_with("/sign-in"), "{}", iris.place().await);
    iris.fill("E-mail address", IRIS).await;
    iris.fill("Password", crate::house::PASSWORD).await;
    iris.press("Sign in").await;
    iris.find("//*[@role='alert']").await;
    iris.picture("ended", "3-shut-out").await;
    iris.close().await;
}
