//! Programs of others that tests hold the product against: installed here, in one place, where they are missing.

use std::path::PathBuf;
use std::process::Command;

use anyhow::bail;

use crate::{call, python};

/// A program, how it shows that it is there, and the Debian package that has it.
const TOOLS: [(&str, &str, &str); 13] = [
    ("unzip", "-v", "unzip"),
    ("7z", "i", "p7zip-full"),
    ("python3", "--version", "python3"),
    ("strace", "-V", "strace"),
    ("faketime", "--version", "faketime"),
    ("curl", "--version", "curl"),
    ("openssl", "version", "openssl"),
    ("node", "--version", "nodejs"),
    ("npm", "--version", "npm"),
    ("chromium", "--version", "chromium"),
    ("chromedriver", "--version", "chromium-driver"),
    ("java", "-version", "default-jre-headless"),
    ("python3", "-cimport ensurepip, venv", "python3-venv"),
];

/// Judges from the registry of Node, by exact version.
const JUDGES: [&str; 5] =
    ["graphql-http@1.23.1", "graphql@16.15.0", "axe-core@4.14.1", "vnu-jar@26.9.27", "asl-validator@4.0.0"];

/// A judge from the registry of Python that throws generated documents at the API, by exact version.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// The stand-in for `DynamoDB`, by exact version.
const DYNOXIDE: &str = "3.2.0";

/// Sees to it that every program is there. One that cannot be installed is an error: a suite that could not run is
/// never a pass.
pub(crate) fn ensure_all() -> anyhow::Result<()> {
    ensure_programs()?;
    ensure_judges()?;
    ensure_schemathesis()?;
    ensure_dynoxide()?;
    python::ensure(&tools())
}

fn ensure_programs() -> anyhow::Result<()> {
    let missing: Vec<&str> =
        TOOLS.iter().filter(|(name, shows, _)| !is_there(name, shows)).map(|tool| tool.2).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let shown = missing.join(" ");
    println!("The tests need programs that are missing here: {shown}.");
    install(&missing);
    let still: Vec<&str> = TOOLS.iter().filter(|(name, shows, _)| !is_there(name, shows)).map(|tool| tool.0).collect();
    if !still.is_empty() {
        bail!(
            "{} could not be installed. Install them with 'apt-get install {shown}' (or your system's own way) and run the tests again; 'cargo xtask test --fast' needs none of them.",
            still.join(", ")
        );
    }
    Ok(())
}

/// Builds the stand-in for `DynamoDB` where it is missing. It is a program of its own because it links another `SQLite`
/// than the product, and a build can hold only one.
fn ensure_dynoxide() -> anyhow::Result<()> {
    let tools = tools();
    let wanted = format!("dynoxide-rs {DYNOXIDE} ");
    // Cargo's own list of what it has installed there.
    if std::fs::read_to_string(tools.join(".crates.toml")).is_ok_and(|list| list.contains(&wanted)) {
        return Ok(());
    }
    println!("The tests need dynoxide {DYNOXIDE}; it is built now, which takes some minutes.");
    let mut install = call::cargo_command();
    install.args(["install", "dynoxide-rs", "--version", DYNOXIDE, "--locked", "--debug", "--quiet", "--force"]);
    install.args(["--no-default-features", "--features", "native-sqlite,http-server,cli", "--root"]).arg(tools);
    // A folder of its own: nothing of it is of use to the project's builds.
    call::run(install.env_remove("CARGO_TARGET_DIR"))
}

/// Where the programs of others are put.
fn tools() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| call::root().join("target"), PathBuf::from);
    target.join("tools")
}

/// Puts the judges from the registry of Node there, and nowhere else.
fn ensure_judges() -> anyhow::Result<()> {
    let tools = tools();
    let (list, wanted) = (tools.join("judges"), JUDGES.join("\n"));
    if std::fs::read_to_string(&list).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    std::fs::create_dir_all(&tools)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&tools).args(JUDGES);
    call::run(&mut npm)?;
    Ok(std::fs::write(list, wanted)?)
}

/// Puts the judge from the registry of Python there, in an environment of its own.
fn ensure_schemathesis() -> anyhow::Result<()> {
    let home = tools().join("schemathesis");
    let installed = home.join("installed");
    if std::fs::read_to_string(&installed).is_ok_and(|found| found == SCHEMATHESIS) {
        return Ok(());
    }
    call::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    let mut pip = Command::new(home.join("bin/pip"));
    call::run(pip.args(["install", "--quiet", "--disable-pip-version-check", SCHEMATHESIS]))?;
    Ok(std::fs::write(installed, SCHEMATHESIS)?)
}

/// Installs packages where this may be done: as root, with apt. What went wrong shows in what is still missing.
fn install(packages: &[&str]) {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments).args(packages_of(arguments, packages));
        call::run(&mut command)
    };
    if !call::succeeds(Command::new("sh").args(["-c", "test \"$(id -u)\" = 0 && command -v apt-get"])) {
        return;
    }
    for arguments in [&["update", "-qq"][..], &["install", "-y", "-qq", "--no-install-recommends"]] {
        if let Err(error) = apt(arguments) {
            println!("{error:#}");
        }
    }
}

fn packages_of<'a>(arguments: &[&str], packages: &'a [&'a str]) -> &'a [&'a str] {
    if arguments.first() == Some(&"install") { packages } else { &[] }
}

fn is_there(name: &str, shows: &str) -> bool {
    call::succeeds(Command::new(name).arg(shows))
}
