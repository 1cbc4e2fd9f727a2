//! A data directory of its own for each test, and a server for it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const ADA: &str = "ada.researcher@example.ac.uk";
pub(crate) const INES: &str = "ines.okafor@example.ac.uk";
pub(crate) const ROSA: &str = "rosa.lindqvist@example.ac.uk";
pub(crate) const OLU: &str = "olu.bankole@example.ac.uk";

const PEOPLE: [(&str, &str, &str); 4] = [
    (ADA, "Ada Researcher", "researchers@TREProject1Prod"),
    (INES, "Ines Okafor", "InformationGovernance"),
    (ROSA, "Rosa Lindqvist", "TREAdmin"),
    (OLU, "Olu Bankole", "operators"),
];

/// What a command said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The one JSON document on the error stream.
    pub(crate) fn error(&self) -> Value {
        serde_json::from_str::<Value>(&self.err).unwrap_or_else(|error| panic!("{error}: {self:?}"))["error"].clone()
    }

    /// The command has to have worked.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// What every message for people has to be: words, and nothing from inside the program.
    #[track_caller]
    pub(crate) fn is_a_sentence(&self) {
        let text = self.err.trim_end();
        assert!(text.ends_with(['.', '!', '?']) || text.contains("--help"), "{text:?} is no sentence");
        for inner in ["null", "panicked", "RUST_BACKTRACE", "unwrap", "Some(", "Err(", "stack backtrace", ".rs:"] {
            assert!(!text.contains(inner), "{inner} in {text:?}");
        }
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The binary, without anything that the environment of the test would add.
pub(crate) fn lockgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LOCKGATE_") {
            command.env_remove(name);
        }
    }
    command.env("LOCKGATE_DISK_BALLAST", "0").env("LOCKGATE_DISK_KEEP_FREE", "0").stdin(Stdio::null());
    command
}

/// A folder for one test: the data directory is `data` in it, and commands are typed in it.
pub(crate) struct Directory {
    folder: TempDir,
}

impl Directory {
    /// A folder without a data directory.
    pub(crate) fn none() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A data directory with a person of each role.
    pub(crate) fn new() -> Self {
        let directory = Self::none();
        directory.say(["init"]).done();
        for (email, name, group) in PEOPLE {
            directory.say(["person", "add", email, "--name", name, "--group", group]).done();
        }
        directory
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = lockgate();
        command.current_dir(self.path()).args(["--dir", "data"]);
        command
    }

    /// Runs a command to its end.
    pub(crate) fn say<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        self.command().args(arguments).output().unwrap().into()
    }

    /// Runs a command to its end, with JSON.
    pub(crate) fn ask<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        self.command().arg("--json").args(arguments).output().unwrap().into()
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Starts a server, and returns once it is at work.
    pub(crate) fn serve(&self) -> Server {
        let mut child = self.command().arg("serve").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("at work"), "{line:?}");
        Server { child }
    }

    /// Submits two files and waits until people are asked; answers the request.
    pub(crate) fn submit(&self) -> String {
        self.write("outputs/tables/one.csv", "a,b\n10,20\n");
        self.write("outputs/two.csv", "c\n30\n");
        let said = self.ask([
            "submit",
            "--workspace",
            "ws-1",
            "--project",
            "TREProject1Prod",
            "--title",
            "Tables for paper 2",
            "--why",
            "Revision asked for by the journal",
            "--requester",
            ADA,
            "--wait",
            "outputs",
        ]);
        said.done().json()["id"].as_str().unwrap().to_owned()
    }

    /// Decides, and waits for what follows.
    pub(crate) fn decide(&self, request: &str, who: &str, opinion: &str) -> Said {
        let reason = "Looked at every table.";
        self.ask(["request", "decide", request, "--as", who, opinion, "--reason", reason, "--wait"])
    }

    /// A request that was released.
    pub(crate) fn release(&self) -> String {
        let request = self.submit();
        self.decide(&request, INES, "--approve").done();
        assert_eq!(self.decide(&request, ROSA, "--approve").done().json()["status"], "released");
        request
    }
}

/// A server at work. It is stopped in order at the end of the test.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, and answers how the server ended.
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
