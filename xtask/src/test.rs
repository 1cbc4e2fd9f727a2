//! The tests, in the order in which they say something soonest.

use anyhow::bail;
use clap::Args;

use crate::{call, tool};

/// Which tests.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The inner loop: no lints, no crash loops, no cloud, nothing that needs other programs
    #[arg(long, conflicts_with = "long")]
    fast: bool,
    /// Also what takes long: more lives under SIGKILL, archives past 4 GiB
    #[arg(long)]
    long: bool,
}

/// What the inner loop leaves out: whatever kills, tears or races for long, and judges that have to be installed.
const SLOW: &str = "not (kind(test) & (binary(/^(browser|crash|durability|killed|race)$/) | test(/^judge::/)))";

/// What the inner loop does not even build: whatever links the SDK of the cloud.
const CLOUD: [&str; 3] = ["infra-aws", "lambdas", "tests-emulated"];

impl Test {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        if self.fast {
            let cloud = CLOUD.iter().flat_map(|name| ["--exclude", *name]);
            let with_nextest: Vec<&str> = ["-E", SLOW].into_iter().chain(cloud.clone()).collect();
            let without: Vec<&str> = ["--lib", "--bins"].into_iter().chain(cloud).collect();
            return run_tests(&with_nextest, &without, &[]);
        }
        tool::ensure_all()?;
        lint()?;
        call::cargo(["test", "--quiet", "--workspace", "--doc"])?;
        let long: &[(&str, &str)] = if self.long { &[("LOCKGATE_LONG_TESTS", "1")] } else { &[] };
        run_tests(&[], &[], long)
    }
}

/// The form of the code, and the lints.
pub(crate) fn lint() -> anyhow::Result<()> {
    if !call::succeeds(call::cargo_command().args(["fmt", "--version"])) {
        bail!("rustfmt is missing: 'rustup component add rustfmt clippy' installs it.");
    }
    call::cargo(["fmt", "--all", "--check"])?;
    call::cargo(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// Runs the tests, and accepts what they would otherwise complain about.
pub(crate) fn accept() -> anyhow::Result<()> {
    run_tests(&["--no-fail-fast"], &["--no-fail-fast"], &[("INSTA_UPDATE", "always")])
}

/// Runs the tests with cargo-nextest where it is there, and with cargo itself where it is not.
fn run_tests(with_nextest: &[&str], without: &[&str], variables: &[(&str, &str)]) -> anyhow::Result<()> {
    let mut command = call::cargo_command();
    if call::succeeds(call::cargo_command().args(["nextest", "--version"])) {
        command.args(["nextest", "run", "--workspace"]).args(with_nextest);
    } else {
        println!("cargo-nextest is not installed; the tests run with 'cargo test', which is slower.");
        command.args(["test", "--workspace"]).args(without);
    }
    call::run(command.envs(variables.iter().copied()))
}
