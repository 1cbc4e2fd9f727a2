//! A server that dies while somebody reads, and while somebody decides.

use serde_json::{Value, json};
use tests::scene::{IRIS, RITA};

use crate::approve::{YES, decide, files, propose, submit};
use crate::browser::Browser;
use crate::house::{House, RUTH};

/// The decisions that are on record, by their reasons.
pub(crate) async fn decisions(house: &House, browser: &Browser, request: &str) -> Vec<String> {
    let id = request.rsplit('/').next().unwrap();
    let document = format!("{{ request(id: \"{id}\") {{ rounds {{ decisions {{ reason }} }} }} }}");
    let call =
        tests::client::client().post(format!("{}/graphql", house.url())).header("cookie", browser.cookie().await);
    let answer: Value = call.json(&json!({ "query": document })).send().await.unwrap().json().await.unwrap();
    let said = answer["data"]["request"]["rounds"][0]["decisions"].as_array().unwrap();
    said.iter().map(|decision| decision["reason"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_server_is_killed_under_a_reviewer() {
    let mut house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    let iris = Browser::of(&house, IRIS).await;
    iris.until(&request, "Decide…").await;

    // While she reads: what she opens next does not come, and comes once the server is back.
    house.kill();
    assert!(iris.client.refresh().await.is_err() || !iris.text().await.contains("Regional counts"));
    house.start();
    iris.go(&request).await;
    iris.headed("Regional counts").await;

    // While she decides, and gives up: her decision is not on record, as the page says that she comes back to.
    propose(&iris, &request, YES).await;
    house.kill();
    iris.press("Approve").await;
    iris.reads("nothing was sent and nothing recorded").await;
    house.start();
    iris.go(&request).await;
    iris.reads("No decision to be seen").await;
    iris.picture("killed", "1-not-decided").await;

    // Right after she decided: it is on record, once, however often she repeats it.
    decide(&iris, &request, YES).await;
    house.kill();
    house.start();
    iris.go(&request).await;
    iris.reads("looked at every table").await;
    iris.picture("killed", "2-decided").await;
    assert_eq!(decisions(&house, &iris, &request).await, [YES.1]);
    iris.client.close().await.unwrap();

    let rita = Browser::of(&house, RITA).await;
    rita.until(&request, "Decide…").await;
    decide(&rita, &request, YES).await;
    house.kill();
    house.start();
    ruth.until(&request, "Download the archive").await;
    house.hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_is_sent_twice_is_one_decision() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    let iris = Browser::of(&house, IRIS).await;
    iris.until(&request, "Decide…").await;
    propose(&iris, &request, YES).await;
    // Two presses before the first answer comes, as impatient people do.
    let twice = "const form = document.querySelector('form[action$=\"/decide\"][method=post]');
                 fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
                 form.requestSubmit();";
    iris.client.execute(twice, vec![]).await.unwrap();
    iris.find("//*[@role='status' and contains(., 'Your decision is on record')]").await;
    iris.go(&request).await;
    assert_eq!(decisions(&house, &iris, &request).await, [YES.1]);
    ruth.close().await;
    iris.close().await;
    house.hold().await;
}
