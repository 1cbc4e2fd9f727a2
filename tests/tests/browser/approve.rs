//! The sentence, as each person lives it.

use std::path::PathBuf;

use tests::scene::{IRIS, RITA, sample};

use crate::browser::Browser;
use crate::house::{House, PROJECT, RUTH};

/// Files of the sample that hold text, a table and a picture.
pub(crate) fn files() -> Vec<PathBuf> {
    ["output_0_0.csv", "histogram_0.png", "config.json"].map(|name| sample().join(name)).into()
}

/// Submits files as a researcher, and answers the address of the request.
pub(crate) async fn submit(browser: &Browser, title: &str, files: &[PathBuf]) -> String {
    browser.follow("Submit files").await;
    browser.fill("Project", PROJECT).await;
    browser.fill("Workspace", "workspace-7").await;
    browser.fill("Title", title).await;
    browser.fill("What the files are for", "Counts by region for the spring paper; no cell is below ten.").await;
    browser.attach("Files", files).await;
    browser.press("Send and submit").await;
    browser.find("//*[@role='status' and contains(., 'The request was taken')]").await;
    let place = browser.place().await;
    place.split('?').next().unwrap().to_owned()
}

/// Decides, up to the last page.
pub(crate) async fn propose(browser: &Browser, request: &str, (opinion, reason): (&str, &str)) {
    browser.go(&format!("{request}/decide")).await;
    browser.choose(opinion).await;
    browser.fill("Reason", reason).await;
    browser.press("Go on").await;
    browser.find(&format!("//button[normalize-space()='{opinion}']")).await;
}

/// Decides.
pub(crate) async fn decide(browser: &Browser, request: &str, said: (&str, &str)) {
    propose(browser, request, said).await;
    browser.press(said.0).await;
    browser.find("//*[@role='status' and contains(., 'Your decision is on record')]").await;
}

/// A decision that nothing speaks against.
pub(crate) const YES: (&str, &str) = ("Approve", "looked at every table");

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_submitted_approved_twice_and_downloaded() {
    let house = House::open().await;
    let ruth = Browser::of(&house, RUTH).await;
    ruth.picture("approve", "1-home-of-a-researcher").await;
    let request = submit(&ruth, "Regional counts", &files()).await;
    ruth.picture("approve", "2-submitted").await;
    ruth.until(&request, "In review").await;

    let iris = Browser::of(&house, IRIS).await;
    iris.picture("approve", "3-home-of-a-reviewer").await;
    iris.follow("Regional counts").await;
    iris.at(&request).await;
    iris.picture("approve", "4-request").await;
    for (name, shown) in [("output_0_0.csv", "Columns"), ("histogram_0.png", "PNG image"), ("config.json", "Text")] {
        iris.follow(name).await;
        iris.headed(name).await;
        iris.reads(shown).await;
        iris.picture("approve", &format!("5-{name}")).await;
        iris.follow("Regional counts").await;
    }
    iris.follow("Decide…").await;
    iris.choose("Approve").await;
    iris.fill("Reason", "looked at every table").await;
    iris.picture("approve", "6-decide").await;
    iris.press("Go on").await;
    iris.reads("Nothing leaves yet").await;
    iris.picture("approve", "7-what-will-happen").await;
    iris.press("Approve").await;
    iris.reads("Your decision is on record").await;
    iris.close().await;

    let rita = Browser::of(&house, RITA).await;
    rita.until(&request, "Decide…").await;
    decide(&rita, &request, ("Approve", "nothing identifies anybody")).await;
    rita.close().await;

    ruth.until(&request, "Download the archive").await;
    ruth.reads("Released").await;
    ruth.press("Download the archive").await;
    let archive = ruth.downloaded().await;
    ruth.go(&request).await;
    ruth.picture("approve", "8-downloaded").await;
    let verified = house.call(&["release", "verify", archive.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&archive).unwrap()).unwrap();
    for file in files() {
        let name = format!("files/{}", file.file_name().unwrap().to_str().unwrap());
        let mut found = Vec::new();
        std::io::copy(&mut zip.by_name(&name).unwrap(), &mut found).unwrap();
        assert_eq!(found, std::fs::read(&file).unwrap(), "{name}");
    }
    ruth.close().await;
    house.hold().await;
}
