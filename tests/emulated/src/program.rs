//! Programs of others that play the cloud: started for one test, and ended with it.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A program that ends when this is dropped, and also when the test is killed: its input ends then.
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
}

impl Program {
    /// Starts a program that watches its input by itself.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap_or_else(|error| {
            panic!("{} could not be started ({error}): 'cargo xtask test' installs it", command.get_program().display())
        });
        let input = child.stdin.take();
        Self { child, input }
    }

    /// Starts a program that does not: a shell ends it, by its id, when the input ends.
    pub(crate) fn start_watched(program: &Path, arguments: &[&str]) -> Self {
        const WATCH: &str = r#""$@" <&- & child=$!; cat >/dev/null; kill "$child"; wait "$child""#;
        assert!(program.exists(), "{} is not there: 'cargo xtask test' installs it", program.display());
        let mut command = Command::new("sh");
        Self::start(command.args(["-c", WATCH, "sh"]).arg(program).args(arguments).stderr(Stdio::null()))
    }

    /// Tells whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// What it says, where that was asked for.
    pub(crate) fn output(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// Where the test command puts the programs of others: beside what cargo builds.
pub(crate) fn tool(path: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a test has a file");
    let target = own.ancestors().find(|folder| folder.join("tools").is_dir());
    target.map_or_else(
        || panic!("there is no folder 'tools' beside the builds: 'cargo xtask test' makes it"),
        |target| target.join("tools").join(path),
    )
}
