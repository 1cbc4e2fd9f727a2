//! Automation: `cargo xtask …`. It calls other programs, and holds no logic that a test could hold.

mod administer;
mod call;
mod cloud;
mod python;
mod test;
mod tool;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tests and keeps this project in order.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check the form of the code, lint it, and run every test
    Test(test::Test),
    /// Put the form right, and what the lints can put right themselves
    Fix,
    /// Check the form of the code and lint it
    Lint,
    /// Run the tests, and accept what changed in snapshots and generated files
    Accept,
    /// Run the benches
    Bench,
    /// Build the documentation of the code
    Docs,
    Package(cloud::Package),
    Deploy(cloud::Deploy),
    Destroy(cloud::Destroy),
    RevokeSessions(cloud::RevokeSessions),
    Policy(administer::Policy),
    Person(administer::Person),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test(test) => test.run(),
        Task::Fix => fix(),
        Task::Lint => test::lint(),
        Task::Accept => test::accept(),
        Task::Bench => call::cargo(["bench", "-p", "tests"]),
        Task::Docs => call::cargo(["doc", "--workspace", "--no-deps"]),
        Task::Package(package) => package.run(),
        Task::Deploy(deploy) => deploy.run(),
        Task::Destroy(destroy) => destroy.run(),
        Task::RevokeSessions(revoke) => revoke.run(),
        Task::Policy(policy) => policy.run(),
        Task::Person(person) => person.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn fix() -> anyhow::Result<()> {
    call::cargo(["fmt", "--all"])?;
    call::cargo(["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--allow-staged"])?;
    call::cargo(["fmt", "--all"])
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_in_order() {
        super::Arguments::command().debug_assert();
    }
}
