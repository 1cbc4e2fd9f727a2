//! The shipped binary as people run it: a data directory of its own, short commands, and a server that somebody may
//! start under other programs (`strace`, `faketime`, `prlimit`), stop, kill or pause.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long something may take that is bound to happen: a test that waits longer has found something.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary, beside the tests that were built with it.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join("lockgate");
    assert!(path.exists(), "{} is not built: run `cargo build` first", path.display());
    path
}

/// Waits until something is so. Panics if it does not become so.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it never came to be that {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Tells whether the variants that take long are to be run, too.
pub fn is_long() -> bool {
    std::env::var_os("LOCKGATE_LONG_TESTS").is_some()
}

/// What a command said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// The error stream.
    pub err: String,
}

#[allow(clippy::return_self_not_must_use, reason = "most callers only require that it worked, or that it did not")]
impl Said {
    /// The one JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The command has to have worked.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// The command has to have been refused, with words that people can act on and nothing from inside the program.
    #[track_caller]
    pub fn refused(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        let text = self.err.trim_end();
        assert!(text.ends_with('.'), "{text:?} is no sentence");
        for inner in ["null", "panicked", "RUST_BACKTRACE", "unwrap", "Some(", "Err(", "Os {", ".rs:"] {
            assert!(!text.contains(inner), "{inner} in {text:?}");
        }
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The binary on a data directory, without anything that the environment of the test would add, and with a disk of which
/// nothing is set aside.
pub fn lockgate(dir: &Path) -> Command {
    wrapped(&[], dir)
}

/// The same, run by another program.
pub fn wrapped(wrapper: &[&str], dir: &Path) -> Command {
    let mut command = match wrapper {
        [] => Command::new(binary()),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(binary());
            command
        }
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LOCKGATE_")) {
        command.env_remove(name);
    }
    command.env("LOCKGATE_DISK_BALLAST", "0").env("LOCKGATE_DISK_KEEP_FREE", "0").stdin(Stdio::null());
    command.env("LOCKGATE_SERVER_ADDRESS", "127.0.0.1:0").arg("--dir").arg(dir);
    command
}

/// Runs a command to its end.
pub fn say(dir: &Path, arguments: &[&str]) -> Said {
    lockgate(dir).args(arguments).output().unwrap().into()
}

/// Runs a program of others to its end; panics with what it said if it failed. Programs that are missing are an error:
/// `cargo xtask test` installs them.
#[track_caller]
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} could not be run ({error}): this test needs it."));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A running server. Dropped, it is killed.
pub struct Server {
    child: Mutex<Child>,
    stdout: Mutex<BufReader<ChildStdout>>,
    id: u32,
    /// Where it is on the network.
    pub url: String,
    log: PathBuf,
}

impl Server {
    /// Starts a server and waits until it says that it is at work.
    #[track_caller]
    pub fn start(dir: &Path) -> Self {
        Self::started(lockgate(dir), dir).unwrap_or_else(|said| panic!("the server did not start: {said:?}"))
    }

    /// Starts a server by a command of [`wrapped`], or answers how it ended.
    pub fn started(mut command: Command, dir: &Path) -> Result<Self, Said> {
        let log = dir.with_extension("log");
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let before = errors.metadata().unwrap().len();
        let mut child = command.arg("serve").stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        if !line.contains("at work") {
            let code = child.wait().unwrap().code().unwrap_or(-1);
            let bytes = std::fs::read(&log).unwrap();
            let err = String::from_utf8_lossy(&bytes[usize::try_from(before).unwrap()..]).into_owned();
            return Err(Said { code, out: line, err });
        }
        // A wrapper has a number of its own; the server leaves its number in the lock.
        let id = std::fs::read_to_string(dir.join("lock")).unwrap().trim().parse().unwrap();
        let url = line.split(" at http://").nth(1).and_then(|rest| rest.split(". ").next()).unwrap();
        let url = format!("http://{}", url.trim_end_matches(['.', '\n']));
        Ok(Self { child: Mutex::new(child), stdout: Mutex::new(stdout), id, url, log })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Tells whether it still runs.
    pub fn is_up(&self) -> bool {
        self.child.lock().unwrap().try_wait().unwrap().is_none()
    }

    /// Sends it a signal, as in `-TERM`.
    pub fn signal(&self, signal: &str) {
        // One that has ended meanwhile is not there to be told.
        let _ = Command::new("kill").args([signal, &self.id.to_string()]).stderr(Stdio::null()).status();
    }

    /// Kills it with SIGKILL, and whatever it runs under with it.
    pub fn kill(&self) {
        self.signal("-KILL");
        let mut child = self.child.lock().unwrap();
        let _ = child.wait();
    }

    /// Waits for its end and answers its exit code; -1 if a signal ended it.
    pub fn ended(&self) -> i32 {
        let mut rest = String::new();
        let _ = self.stdout.lock().unwrap().read_to_string(&mut rest);
        self.child.lock().unwrap().wait().unwrap().code().unwrap_or(-1)
    }

    /// Asks it to stop, and answers its exit code.
    pub fn stop(&self) -> i32 {
        self.signal("-TERM");
        self.ended()
    }

    /// All that it and its predecessors in the directory wrote to their error streams.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
