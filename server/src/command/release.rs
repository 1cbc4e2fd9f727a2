//! `release`: archives that have left the house.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use workflow::archive::{Outcome, Verification, verify};

use crate::failure::Failure;
use crate::file;
use crate::output::Output;
use crate::render::event::size;
use crate::value;

/// The largest key file that is read.
const LARGEST_KEY: usize = 64 * 1024;

/// What can be done with an archive.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Release {
    /// Check that an archive holds exactly what was approved
    Verify(Verify),
}

/// Which archive, and whose signature.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Verify {
    /// The archive
    #[arg(value_name = "ZIP", value_parser = value::path)]
    archive: PathBuf,
    /// The public key of the house, as PEM; without it the signature is not checked
    #[arg(long, value_name = "FILE", value_parser = value::path)]
    key: Option<PathBuf>,
}

/// What came out, as JSON.
#[derive(Serialize)]
struct Report<'a> {
    archive: &'a Path,
    is_sound: bool,
    is_signed: bool,
    files: u64,
    bytes: u64,
    checks: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    check: &'static str,
    outcome: &'static str,
    sentence: Option<&'a str>,
}

impl Release {
    pub(super) async fn run(&self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Verify(command) => command.run(output).await,
        }
    }
}

impl Verify {
    async fn run(&self, output: &Output) -> Result<(), Failure> {
        let key = self.key.as_deref().map(read_key).transpose()?;
        let verification = check(self.archive.clone(), key).await?;
        output.answer(&report(&self.archive, &verification), || text(&verification)).await;
        conclude(&verification)
    }
}

/// Verifies an archive beside everything else that runs.
pub(crate) async fn check(archive: PathBuf, key: Option<String>) -> Result<Verification, Failure> {
    let shown = archive.display().to_string();
    let verified = tokio::task::spawn_blocking(move || {
        let mut file = BufReader::with_capacity(1 << 20, File::open(&archive)?);
        verify(&mut file, key.as_deref())
    });
    let verified = verified.await.map_err(|error| Failure::bug(&error.to_string()))?;
    verified.map_err(|error| Failure::unreachable(format!("{shown} cannot be read: {error}. Nothing was checked.")))
}

pub(super) fn read_key(path: &Path) -> Result<String, Failure> {
    file::read_text(path, LARGEST_KEY).map_err(|unread| Failure::unreachable(format!("{unread}. Nothing was checked.")))
}

fn report<'a>(archive: &'a Path, verification: &'a Verification) -> Report<'a> {
    let checks = verification.findings.iter().map(|found| {
        let (outcome, sentence) = match &found.outcome {
            Outcome::Passed => ("passed", None),
            Outcome::Failed(sentence) => ("failed", Some(sentence.as_str())),
            Outcome::NotChecked(sentence) => ("not_checked", Some(sentence.as_str())),
        };
        Line { check: found.check.name(), outcome, sentence }
    });
    Report {
        archive,
        is_sound: verification.is_sound(),
        is_signed: verification.is_signed(),
        files: verification.files,
        bytes: verification.bytes,
        checks: checks.collect(),
    }
}

/// The findings in lines.
pub(crate) fn text(verification: &Verification) -> String {
    let mut lines: Vec<String> = verification.findings.iter().map(ToString::to_string).collect();
    lines.push(size(verification.files, verification.bytes));
    lines.join("\n")
}

/// An archive that is not sound is refused.
pub(crate) fn conclude(verification: &Verification) -> Result<(), Failure> {
    match verification.failures().next() {
        None => Ok(()),
        Some(first) => {
            let sentence = format!(
                "This archive is not what was approved: {first}. Do not use it; fetch it again or ask an operator."
            );
            Err(Failure::refused("NOT_SOUND", sentence))
        }
    }
}
