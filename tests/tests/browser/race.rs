//! Two people of one group who decide at the same moment.

use tests::scene::{IRIS, IVAN};

use crate::approve::{files, propose, submit};
use crate::browser::Browser;
use crate::house::{House, RUTH};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_reviewers_one_decides_and_the_other_is_told() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    ruth.until(&request, "In review").await;
    ruth.close().await;
    let (iris, ivan) = tokio::join!(Browser::of(&house, IRIS), Browser::of(&house, IVAN));
    let reasons = ["every cell is above ten", "one cell is below ten"];
    tokio::join!(
        propose(&iris, &request, ("Return for changes", reasons[0])),
        propose(&ivan, &request, ("Reject", reasons[1]))
    );
    tokio::join!(iris.press("Return for changes"), ivan.press("Reject"));

    // The page that was there before says neither.
    let answers = ["Your decision is on record", "not recorded"];
    let (first, second) = tokio::join!(iris.reads_one_of(&answers), ivan.reads_one_of(&answers));
    let won = |text: &str| text.contains(answers[0]);
    assert!(won(&first) != won(&second), "one of them decided:\n{first}\n---\n{second}");
    let (loser, reason) = if won(&first) { (&ivan, reasons[1]) } else { (&iris, reasons[0]) };
    loser.picture("race", "1-told").await;
    loser.reads("not recorded").await;
    loser.reads(reason).await;
    loser.find("//*[@role='alert']").await;
    loser.follow("Look at the request as it is now").await;
    loser.at(&request).await;
    loser.picture("race", "2-as-it-is-now").await;
    let winner = if won(&first) { reasons[0] } else { reasons[1] };
    loser.reads(winner).await;
    assert!(!loser.text().await.contains(reason), "what lost is on no record");
    iris.close().await;
    ivan.close().await;
    house.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_at_an_earlier_round_is_told_what_has_changed() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    ruth.until(&request, "In review").await;
    let (iris, ivan) = tokio::join!(Browser::of(&house, IRIS), Browser::of(&house, IVAN));
    ivan.go(&format!("{request}/decide")).await;
    ivan.choose("Approve").await;
    ivan.fill("Reason", "looked at the first round").await;
    crate::approve::decide(&iris, &request, ("Return for changes", "round the table")).await;
    ruth.until(&request, "Submit again…").await;
    ruth.follow("Submit again…").await;
    ruth.attach("Files", &files()[..1]).await;
    ruth.press("Send and submit again").await;
    ruth.find("//*[@role='status']").await;
    iris.until(&request, "Decide…").await;

    ivan.press("Go on").await;
    ivan.picture("race", "3-another-round").await;
    ivan.reads("another round").await;
    ivan.reads("looked at the first round").await;
    ivan.follow("Look at the request as it is now").await;
    ivan.reads("Round 2").await;
    for browser in [ruth, iris, ivan] {
        browser.close().await;
    }
    house.hold().await;
}
