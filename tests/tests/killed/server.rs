//! The shipped binary as a process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

/// The binary, beside the tests that were built with it.
pub(crate) fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join("lockgate");
    assert!(path.exists(), "{} is not built: run `cargo build` first", path.display());
    path
}

/// A running server.
pub(crate) struct Server {
    child: Mutex<Child>,
}

impl Server {
    /// Starts a server and waits until it says that it is at work.
    pub(crate) fn start(dir: &Path) -> Self {
        let mut child = Command::new(binary())
            .arg("--dir")
            .arg(dir)
            .arg("serve")
            .env("LOCKGATE_DISK_BALLAST", "0")
            .env("LOCKGATE_SERVER_ADDRESS", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        assert!(line.contains("at work"), "the server said {line:?}");
        Self { child: Mutex::new(child) }
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
