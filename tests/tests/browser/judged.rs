//! Every page, before two judges: axe in both colour schemes, and the Nu HTML checker.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::gallery::{Cast, Page, cookie_of, routes};
use crate::house::House;
use crate::tool;

/// Runs axe on the page, and answers what it found.
const AXE: &str = "const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: tags }).then(
      ({ violations }) => done(violations.map(({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.html} (${node.failureSummary})`).join('; ')}`)),
      (error) => done([String(error)]));";

/// Sends a form as a page would.
const SEND: &str = "const [path, fields] = arguments;
    const form = document.createElement('form');
    form.method = 'post';
    form.action = path;
    for (const [name, value] of fields) {
      const field = document.createElement('input');
      Object.assign(field, { type: 'hidden', name, value });
      form.append(field);
    }
    document.body.append(form);
    form.submit();";

/// A browser that shows pages of the table.
struct Viewer {
    browser: Browser,
    axe: String,
    url: String,
    shown_to: Option<&'static str>,
}

impl Viewer {
    async fn open(house: &House) -> Self {
        let browser = Browser::open_at(&house.url(), Scripts::Run).await;
        browser.go("/sign-in").await;
        let axe = std::fs::read_to_string(tool::judge("axe-core/axe.min.js")).unwrap();
        Self { browser, axe, url: house.url(), shown_to: None }
    }

    /// Hands the browser to whoever looks at the page.
    async fn hand_to(&mut self, person: Option<&'static str>, cookies: &BTreeMap<&'static str, String>) {
        if self.shown_to == person {
            return;
        }
        self.browser.client.delete_all_cookies().await.unwrap();
        if let Some(person) = person {
            let (name, value) = cookies[person].split_once('=').unwrap();
            let cookie = json!({ "name": name, "value": value, "url": self.url });
            self.browser.developer("Network.setCookie", cookie).await;
        }
        self.shown_to = person;
    }

    async fn show(&self, page: &Page) {
        let Some(form) = &page.form else { return self.browser.go(&page.path).await };
        self.browser.go("/sign-in").await;
        let marked = "document.documentElement.dataset.before = 'yes'";
        self.browser.client.execute(marked, vec![]).await.unwrap();
        self.browser.client.execute(SEND, vec![json!(page.path), json!(form)]).await.unwrap();
        self.browser.find("/html[not(@data-before)]//h1").await;
    }

    /// Shows the page in a colour scheme, and answers what is wrong.
    async fn judge(&self, page: &Page, scheme: &str) -> Vec<String> {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.browser.developer("Emulation.setEmulatedMedia", media).await;
        self.show(page).await;
        self.browser.picture(&format!("pages/{scheme}"), page.name).await;
        self.browser.client.execute(&self.axe, vec![]).await.unwrap();
        let found = self.browser.client.execute_async(AXE, vec![]).await.unwrap();
        let found = found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned());
        found.map(|one| format!("{} ({scheme}): {one}", page.name)).collect()
    }

    /// Tells whether the page fits a telephone: nothing but its tables may be wider.
    async fn fits(&self, page: &Page) -> Option<String> {
        let narrow = json!({ "width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": false });
        self.browser.developer("Emulation.setDeviceMetricsOverride", narrow).await;
        let width = self.browser.client.execute("return document.documentElement.scrollWidth", vec![]).await.unwrap();
        self.browser.picture("pages/narrow", page.name).await;
        self.browser.developer("Emulation.clearDeviceMetricsOverride", json!({})).await;
        (width.as_u64().unwrap() > 320).then(|| format!("{} is {width} wide on 320", page.name))
    }
}

/// What the Nu HTML checker says about a folder of pages.
fn checked(folder: &Path) -> Vec<String> {
    let checker = Command::new("java")
        .arg("-jar")
        .arg(tool::judge("vnu-jar/build/dist/vnu.jar"))
        .args(["--format", "json", "--stdout", "--exit-zero-always"])
        .arg(folder)
        .output()
        .expect("java is one of the tools that the tests need: `cargo xtask test` installs it");
    let said: Value = serde_json::from_slice(&checker.stdout)
        .unwrap_or_else(|_| panic!("the checker said {}", String::from_utf8_lossy(&checker.stderr)));
    let told = |message: &Value| {
        let (url, line) = (message["url"].as_str().unwrap_or_default(), &message["lastLine"]);
        let page = url.rsplit('/').next().unwrap_or_default();
        let kind = message["subType"].as_str().or(message["type"].as_str()).unwrap_or_default();
        format!("{page}:{line} {kind}: {} {}", message["message"], message["extract"])
    };
    said["messages"].as_array().unwrap().iter().map(told).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_valid_and_can_be_used_by_everybody() {
    let mut cast = None;
    let house = Box::pin(House::prepared(async |scene| cast = Some(Cast::play(scene).await))).await;
    let pages = cast.unwrap().pages();
    let shown = pages.iter().map(|page| page.route.to_owned()).collect();
    let missing: Vec<_> = routes().difference(&shown).cloned().collect();
    assert!(missing.is_empty(), "no row of the table shows {missing:?}");

    let client = tests::client::client();
    let mut cookies = BTreeMap::new();
    for person in pages.iter().filter_map(|page| page.person) {
        if !cookies.contains_key(person) {
            cookies.insert(person, cookie_of(&client, &house, person).await);
        }
    }
    let folder = tool::emptied("pages/html");
    for page in &pages {
        let cookie = page.person.map_or("", |person| &cookies[person]);
        let answer = page.call(&client, &house, cookie).send().await.unwrap();
        assert_eq!(answer.status(), page.status, "{} as {:?}", page.name, page.person);
        std::fs::write(folder.join(format!("{}.html", page.name)), answer.text().await.unwrap()).unwrap();
    }
    let mut found = checked(&folder);

    let mut viewer = Viewer::open(&house).await;
    for page in &pages {
        viewer.hand_to(page.person, &cookies).await;
        found.extend(viewer.judge(page, "dark").await);
        found.extend(viewer.judge(page, "light").await);
        found.extend(viewer.fits(page).await);
    }
    viewer.browser.client.close().await.unwrap();
    println!("{} pages, each in two colour schemes", pages.len());
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
