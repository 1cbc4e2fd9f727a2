//! A request that goes back to its requester and comes again.

use tests::scene::{IRIS, RITA, sample};

use crate::approve::{YES, decide, files, submit};
use crate::browser::Browser;
use crate::house::{House, RUTH};

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_request_is_submitted_again_and_released() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    let iris = Browser::of(&house, IRIS).await;
    iris.until(&request, "Decide…").await;
    iris.fill("Ask or answer", "Is the second table rounded?").await;
    iris.press("Send").await;
    iris.reads("Your comment is on record").await;
    decide(&iris, &request, ("Return for changes", "round the second table to ten")).await;

    ruth.until(&request, "Submit again…").await;
    ruth.reads("Is the second table rounded?").await;
    ruth.reads("round the second table to ten").await;
    ruth.picture("again", "1-returned").await;
    ruth.follow("Submit again…").await;
    ruth.attach("or a whole folder", &[sample().join("affairs")]).await;
    ruth.picture("again", "2-submit-again").await;
    ruth.press("Send and submit again").await;
    ruth.find("//*[@role='status' and contains(., 'The next round has begun')]").await;

    iris.until(&request, "Decide…").await;
    iris.reads("Round 2").await;
    iris.picture("again", "3-second-round").await;
    assert!(iris.has("//a[normalize-space()='summary.csv']").await, "the new round has the files of the folder");
    iris.reads("affairs/").await;
    assert!(!iris.has("//a[normalize-space()='histogram_0.png']").await, "and no others");
    decide(&iris, &request, YES).await;
    iris.client.close().await.unwrap();

    let rita = Browser::of(&house, RITA).await;
    rita.until(&request, "Decide…").await;
    decide(&rita, &request, YES).await;
    rita.close().await;
    ruth.until(&request, "Download the archive").await;
    ruth.close().await;
    house.hold().await;
}
