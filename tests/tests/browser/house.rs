//! A house that the shipped binary serves, and its end under SIGKILL.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use jiff::SignedDuration;
use tests::builders::person;
use tests::invariants::Outside;
use tests::scene::{IRIS, IVAN, OLGA, RITA, Scene, Setting};
use workflow::domain::email::Email;
use workflow::domain::policy::Policy;
use workflow::ports::request_store::{Pattern, Query};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// A researcher of one project.
pub(crate) const RUTH: &str = "ruth.researcher@example.ac.uk";
/// Her project.
pub(crate) const PROJECT: &str = "cancer-atlas";

/// A house.
pub(crate) struct House {
    folder: tempfile::TempDir,
    server: Option<Server>,
    url: String,
}

struct Server {
    child: Child,
    _said: BufReader<ChildStdout>,
}

impl House {
    /// Opens a house with people in every role.
    pub(crate) async fn open() -> Self {
        Self::prepared(async |_| ()).await
    }

    /// Opens a house in which something has happened before.
    pub(crate) async fn prepared(prepare: impl AsyncFnOnce(&Scene)) -> Self {
        let mut house = Self::closed().await;
        let scene = house.scene().await;
        prepare(&scene).await;
        scene.house.close().await;
        house.start();
        house
    }

    async fn closed() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap(), server: None, url: "http://127.0.0.1:0".to_owned() };
        tests::scene::prepare(&house.directory(), Policy::TWO_STAGE).await;
        let scene = house.scene().await;
        let people = &scene.ports().people;
        people.save(&person(RUTH).in_group_of("researchers", &[PROJECT]).build()).await.unwrap();
        for address in [RUTH, IRIS, IVAN, RITA, OLGA, tests::builders::RESEARCHER] {
            let email = Email::parse(address).unwrap();
            let identity = http::account::set_password(scene.ports(), &email, PASSWORD).await.unwrap();
            let mut person = people.by_email(&email).await.unwrap().unwrap();
            person.who.identities.insert(identity);
            people.save(&person).await.unwrap();
        }
        scene.house.close().await;
        house
    }

    /// The house from within, while no server runs.
    async fn scene(&self) -> Scene {
        assert!(self.server.is_none(), "a directory has one writer");
        Scene::open(&self.directory(), Setting::real()).await
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.folder.path().join("house")
    }

    /// A folder for what a test needs beside the house.
    pub(crate) fn desk(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Starts the server where it was before, and waits until it says that it is at work.
    pub(crate) fn start(&mut self) {
        let log =
            std::fs::File::options().create(true).append(true).open(self.folder.path().join("server.log")).unwrap();
        let mut child = self
            .command()
            .arg("serve")
            .env("LOCKGATE_LOG", "debug")
            .env("LOCKGATE_SERVER_ADDRESS", self.url.strip_prefix("http://").unwrap())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let url = line.split_once("at http://").and_then(|(_, rest)| rest.split_once(". ")).map(|(url, _)| url);
        let url = format!("http://{}", url.unwrap_or_else(|| panic!("the server said {line:?}")));
        assert!(self.url.ends_with(":0") || self.url == url, "it came back somewhere else: {url}");
        self.url = url;
        self.server = Some(Server { child, _said: said });
    }

    fn command(&self) -> Command {
        tests::process::lockgate(&self.directory())
    }

    /// Calls the command line on the house.
    pub(crate) fn call(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Kills the server with SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }

    /// Everything that the servers logged. Each line is one event, whatever people typed.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("server.log")).unwrap();
        for line in log.lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no event: {line:?}"));
            assert!(event["timestamp"].is_string() && event["level"].is_string(), "{line}");
        }
        log
    }

    /// Kills the server, opens the house anew and requires that everything holds that must.
    pub(crate) async fn hold(mut self) {
        self.kill();
        let logs = self.log();
        let scene = self.scene().await;
        scene.clock.advance(SignedDuration::from_mins(3));
        scene.house.engine().tick();
        let all = Query { pattern: Pattern::All, after: None, first: 500 };
        let known = scene.ports().requests.list(&all).await.unwrap();
        let acknowledged = known.requests.iter().map(|request| request.id).collect();
        let canaries = vec![PASSWORD.to_owned(), "canary".to_owned()];
        scene.hold_with(Outside { acknowledged, logs, canaries, at_rest: true, ..Outside::default() }).await;
        scene.house.close().await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.child.kill();
            let _ = server.child.wait();
        }
    }
}
