//! A server that is down at the moment at which somebody sends what they typed.

use tests::scene::IRIS;

use crate::approve::{files, submit};
use crate::browser::{Browser, Scripts};
use crate::house::{House, RUTH};
use crate::killed::decisions;

const REASON: &str = "every table was looked at, and no cell is below ten";
const SILENT: &str = "The server does not answer, so nothing was sent and nothing recorded.";

/// Has somebody submit, and answers the request.
async fn ask(house: &House) -> String {
    let ruth = Browser::of(house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    ruth.close().await;
    request
}

/// Types a decision, up to the button that goes on.
async fn type_decision(browser: &Browser, request: &str) {
    browser.until(request, "Decide…").await;
    browser.follow("Decide…").await;
    browser.choose("Approve").await;
    browser.fill("Reason", REASON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_meets_no_server_stays_on_the_page_until_there_is_one() {
    let mut house = House::open().await;
    let request = ask(&house).await;
    let iris = Browser::of(&house, IRIS).await;
    type_decision(&iris, &request).await;

    house.kill();
    iris.press("Go on").await;
    iris.reads(SILENT).await;
    iris.picture("down", "1-typed").await;
    assert_eq!(iris.field("Reason").await.prop("value").await.unwrap().as_deref(), Some(REASON));
    house.start();
    iris.press("Go on").await;
    iris.headed("Approve: this will happen").await;

    house.kill();
    iris.press("Approve").await;
    iris.reads(SILENT).await;
    iris.picture("down", "2-last-page").await;
    house.start();
    assert_eq!(decisions(&house, &iris, &request).await, Vec::<String>::new());
    iris.press("Approve").await;
    iris.reads("Your decision is on record").await;
    assert_eq!(decisions(&house, &iris, &request).await, [REASON]);
    iris.close().await;
    house.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_the_browser_sends_again_what_met_no_server() {
    let mut house = House::open().await;
    let request = ask(&house).await;
    let iris = Browser::open_at(&house.url(), Scripts::Blocked).await;
    iris.enter(IRIS).await;
    type_decision(&iris, &request).await;
    iris.press("Go on").await;
    iris.headed("Approve: this will happen").await;

    house.kill();
    iris.find("//button[normalize-space()='Approve']").await.click().await.ok();
    house.start();
    // What the browser shows is its own page; loading that again sends the form once more.
    iris.client.refresh().await.unwrap();
    iris.reads("Your decision is on record").await;
    assert_eq!(decisions(&house, &iris, &request).await, [REASON]);
    iris.close().await;
    house.hold().await;
}
