//! A person at a browser: they find things by what is written on them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::driver::{Driver, Own};
use crate::house::{House, PASSWORD};
use crate::tool;

/// How long something may take before a test says that it does not come: far longer than it ever does.
const PATIENCE: Duration = Duration::from_mins(2);

/// A browser in front of somebody.
pub(crate) struct Browser {
    pub(crate) client: Client,
    url: String,
    folder: tempfile::TempDir,
    _driver: Driver,
}

/// How a browser is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Run,
    Blocked,
}

/// An expression for text in a path.
fn quoted(text: &str) -> String {
    assert!(!text.contains('"'), "no test needs that: {text}");
    format!("\"{text}\"")
}

impl Browser {
    /// Opens a new browser on a house.
    pub(crate) async fn open(house: &House) -> Self {
        Self::open_at(&house.url(), Scripts::Run).await
    }

    /// Opens a new browser on an address.
    pub(crate) async fn open_at(url: &str, scripts: Scripts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let driver = Driver::start();
        let client = driver.open(&folder.path().join("profile"), scripts == Scripts::Run).await;
        let browser = Self { client, url: url.to_owned(), folder, _driver: driver };
        let downloads = browser.downloads();
        std::fs::create_dir_all(&downloads).unwrap();
        let behaviour = json!({ "behavior": "allow", "downloadPath": downloads });
        browser.developer("Browser.setDownloadBehavior", behaviour).await;
        browser
    }

    /// Opens a new browser and signs somebody in.
    pub(crate) async fn of(house: &House, person: &str) -> Self {
        let browser = Self::open(house).await;
        browser.enter(person).await;
        browser
    }

    /// Closes the browser and requires that it complained of nothing: no script of a stranger's, nothing that the
    /// content security policy had to stop.
    pub(crate) async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.client.close().await.unwrap();
    }

    /// The folder of downloads.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    /// A command of the developer tools.
    pub(crate) async fn developer(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Own { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// What the browser wrote on its console, but for answers that say by their status what the page says too.
    pub(crate) async fn complaints(&self) -> Vec<Value> {
        let body = json!({ "type": "browser" });
        let log = self.client.issue_cmd(Own { path: "se/log", body }).await.unwrap();
        let is_status = |entry: &&Value| entry["source"] == "network";
        log.as_array().unwrap().iter().filter(|entry| !is_status(entry)).cloned().collect()
    }

    /// Goes to an address of the house.
    pub(crate) async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.url)).await.unwrap();
    }

    /// The address within the house.
    pub(crate) async fn place(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Waits for something to be there.
    pub(crate) async fn find(&self, path: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(path)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{path} is not on {}: {error}\n{}", self.place().await, self.text().await),
        }
    }

    /// Tells whether something is there now.
    pub(crate) async fn has(&self, path: &str) -> bool {
        !self.client.find_all(Locator::XPath(path)).await.unwrap().is_empty()
    }

    /// Everything that can be read.
    pub(crate) async fn text(&self) -> String {
        self.text_now().await.unwrap()
    }

    /// Waits for the page with a heading.
    pub(crate) async fn headed(&self, heading: &str) {
        self.find(&format!("//h1[normalize-space()={}]", quoted(heading))).await;
    }

    /// Waits for an address within the house.
    pub(crate) async fn at(&self, path: &str) {
        let url = format!("{}{path}", self.url).parse().unwrap();
        let found = self.client.wait().at_most(PATIENCE).for_url(&url).await;
        assert!(found.is_ok(), "not at {path} but at {}", self.place().await);
    }

    /// Waits for something to be readable.
    pub(crate) async fn reads(&self, text: &str) {
        self.reads_one_of(&[text]).await;
    }

    /// Waits for one of several texts to be readable, and answers all that can be read then.
    pub(crate) async fn reads_one_of(&self, texts: &[&str]) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            // A page that is being left has no text to give.
            let found = self.text_now().await.unwrap_or_default();
            if texts.iter().any(|text| found.contains(text)) {
                return found;
            }
            assert!(Instant::now() < until, "{texts:?} cannot be read on {}:\n{found}", self.place().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn text_now(&self) -> Result<String, fantoccini::error::CmdError> {
        self.client.find(Locator::Css("body")).await?.text().await
    }

    /// The field with a label.
    pub(crate) async fn field(&self, label: &str) -> Element {
        let label = quoted(label);
        self.find(&format!(
            "//*[@id=//label[normalize-space()={label} or starts-with(normalize-space(), concat({label}, ' ('))]/@for]"
        ))
        .await
    }

    /// Types into a field, over what is there.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses files in a field.
    pub(crate) async fn attach(&self, label: &str, files: &[PathBuf]) {
        let list: Vec<_> = files.iter().map(|file| file.to_str().unwrap()).collect();
        self.field(label).await.send_keys(&list.join("\n")).await.unwrap();
    }

    /// Ticks a choice.
    pub(crate) async fn choose(&self, label: &str) {
        self.field(label).await.click().await.unwrap();
    }

    /// Presses a button, by what is written on it.
    pub(crate) async fn press(&self, name: &str) {
        self.find(&format!("//button[normalize-space()={}]", quoted(name))).await.click().await.unwrap();
    }

    /// Follows a link, by what is written on it.
    pub(crate) async fn follow(&self, name: &str) {
        self.find(&format!("//a[normalize-space()={}]", quoted(name))).await.click().await.unwrap();
    }

    /// Signs in, from wherever this browser stands.
    pub(crate) async fn enter(&self, person: &str) {
        self.go("/sign-in").await;
        self.fill("E-mail address", person).await;
        self.fill("Password", PASSWORD).await;
        self.press("Sign in").await;
        self.find("//button[normalize-space()='Sign out']").await;
    }

    /// Loads a page until something can be read on it: what the house does meanwhile takes as long as it takes.
    pub(crate) async fn until(&self, path: &str, text: &str) {
        for _ in 0..600 {
            self.go(path).await;
            if self.text().await.contains(text) {
                return;
            }
        }
        panic!("“{text}” does not come on {path}:\n{}", self.text().await);
    }

    /// Keeps a picture of the page, to be looked at.
    pub(crate) async fn picture(&self, story: &str, name: &str) {
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(tool::exhibits(story).join(format!("{name}.png")), picture).unwrap();
    }

    /// The value of the session's cookie.
    pub(crate) async fn cookie(&self) -> String {
        let cookie = self.client.get_named_cookie("lockgate").await.unwrap();
        format!("lockgate={}", cookie.value())
    }

    /// Waits until a download is whole, and answers where it lies.
    pub(crate) async fn downloaded(&self) -> PathBuf {
        let is_whole = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "zip");
        let files = || std::fs::read_dir(self.downloads()).unwrap().map(|entry| entry.unwrap().path()).find(is_whole);
        for _ in 0..6_000 {
            if let Some(file) = files() {
                return file;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no download came: {:?}", list(&self.downloads()));
    }
}

fn list(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
