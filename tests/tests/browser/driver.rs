//! Chromium and its driver as processes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// What the browser may do without being asked: nothing that reaches the network or outlives the test.
const ARGUMENTS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-extensions",
    "--password-store=basic",
    "--window-size=1280,1000",
];

/// A running driver; it ends with its value, and its browsers with it.
pub(crate) struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// Starts a driver on whatever port is free.
    pub(crate) fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is one of the tools that the tests need: `cargo xtask test` installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines.find_map(|line| line.split_once("successfully on port ").map(|(_, port)| port.to_owned()));
        let port: u16 = port.expect("chromedriver says its port").trim_end_matches('.').parse().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: format!("http://127.0.0.1:{port}") }
    }

    /// Opens a browser whose profile is a folder that nothing else uses.
    pub(crate) async fn open(&self, profile: &Path, runs_scripts: bool) -> Client {
        let profile = format!("--user-data-dir={}", profile.display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([profile.as_str()]).collect();
        // 2: blocked, as people do it in the settings of the site.
        let scripts = if runs_scripts { 1 } else { 2 };
        let options = json!({
            "args": arguments,
            "prefs": {
                "profile.managed_default_content_settings.javascript": scripts,
                "credentials_enable_service": false,
                "autofill.profile_enabled": false,
            },
        });
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "unhandledPromptBehavior": "accept",
        });
        let wanted: Capabilities = serde_json::from_value(wanted).unwrap();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted).connect(&self.address).await.expect("chromium starts")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that only this driver knows.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) path: &'static str,
    pub(crate) body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
