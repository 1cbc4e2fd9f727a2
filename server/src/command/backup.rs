//! `backup`: a copy of the house at one instant, while it goes on.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{counted, instant};
use crate::value;

/// Where to, and what.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Backup {
    /// A folder that is not there yet; the backup appears in it whole or not at all
    #[arg(value_name = "DEST", value_parser = value::path)]
    to: PathBuf,
    /// Copy every file, also where the backup could share its bytes with the house because it is on the same disk
    #[arg(long)]
    copy: bool,
    /// Export the keys, and nothing else: once, to a place apart from the backups, which are worth little without them
    #[arg(long, conflicts_with = "copy")]
    keys: bool,
}

#[derive(Serialize)]
struct Report {
    to: PathBuf,
    taken_at: Timestamp,
    files: usize,
    bytes: u64,
    shared: u64,
    deletions_paused_milliseconds: u128,
    missing: Vec<String>,
}

impl Backup {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        if self.keys {
            return self.export_keys(desk, output).await;
        }
        let taken = desk.house.back_up(&self.to, self.copy).await?;
        let report = Report {
            to: self.to.clone(),
            taken_at: taken.manifest.taken_at,
            files: taken.manifest.files.len(),
            bytes: taken.manifest.bytes(),
            shared: taken.shared,
            deletions_paused_milliseconds: taken.paused_for.as_millis(),
            missing: taken.manifest.missing,
        };
        output.answer(&report, || report.text()).await;
        match report.missing.len() {
            0 => Ok(()),
            missing => Err(Failure::refused(
                "INCOMPLETE",
                format!(
                    "The backup was taken, but {missing} files that the database names were damaged or not there. 'lockgate check --bytes' says which. Keep older backups."
                ),
            )),
        }
    }

    async fn export_keys(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let key_id = desk.house.export_keys(&self.to).await?;
        let document = serde_json::json!({ "to": self.to, "key_id": key_id });
        let text = || {
            format!(
                "The keys are in {}. Who has them can forge what this house signs: keep them apart from the backups, and away from everybody else.",
                self.to.display()
            )
        };
        output.answer(&document, text).await;
        Ok(())
    }
}

impl Report {
    fn text(&self) -> String {
        let files = u64::try_from(self.files).unwrap_or(u64::MAX);
        let shared = match self.shared {
            0 => String::new(),
            _ => format!(
                "{} of them share their bytes with the house, because they are on one disk: copy the folder to another one.\n",
                counted(self.shared, "file")
            ),
        };
        let missing = self.missing.iter().fold(String::new(), |text, path| text + "  MISSING: " + path + "\n");
        format!(
            "The house as it was at {} is in {}: {}, {}. Deletions waited for {} ms, nothing else did.\n{shared}The keys are not in it: 'lockgate backup --keys' exports them, once.\n{missing}",
            instant(self.taken_at),
            self.to.display(),
            counted(files, "file"),
            counted(self.bytes, "byte"),
            self.deletions_paused_milliseconds
        )
    }
}
