//! `restore`: a house from a backup.

use std::path::{Path, PathBuf};

use clap::Args;
use infra_embedded::backup::{self, Findings, Keys, Order};
use infra_embedded::house::Options;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::output::Output;
use crate::render::{counted, instant};
use crate::value;

/// Which backup, and what else there is. The data directory comes to be where `--dir` says.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "SRC", value_parser = value::path)]
    from: PathBuf,
    #[command(flatten)]
    keys: Which,
    /// The data directory as the accident left it, if something of it survived: what was released since the backup is
    /// found there, and its archives come along
    #[arg(long, value_name = "DIR", value_parser = value::path)]
    beside: Option<PathBuf>,
}

#[derive(Debug, Args, Serialize, Deserialize)]
#[group(required = true, multiple = false)]
struct Which {
    /// The folder that the keys were exported to
    #[arg(long, value_name = "FOLDER", value_parser = value::path)]
    keys: Option<PathBuf>,
    /// Make new keys, because the old ones are lost: the backup's signature is then not checked
    #[arg(long)]
    new_keys: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    directory: &'a Path,
    taken_at: Timestamp,
    files: usize,
    bytes: u64,
    signature_checked: bool,
    missing: &'a [String],
    #[serde(flatten)]
    findings: &'a Findings,
}

impl Restore {
    pub(super) async fn run(&self, dir: &Path, output: &Output) -> Result<(), Failure> {
        let keys = self.keys.keys.clone().map_or(Keys::New, Keys::From);
        let to = std::path::absolute(dir)
            .map_err(|error| Failure::unreachable(format!("The current folder cannot be read: {error}.")))?;
        let order = Order { from: self.from.clone(), to, keys, beside: self.beside.clone() };
        let restored = backup::restore(&order, &Options::default()).await?;
        let report = Report {
            directory: dir,
            taken_at: restored.manifest.taken_at,
            files: restored.manifest.files.len(),
            bytes: restored.manifest.bytes(),
            signature_checked: restored.is_signature_checked,
            missing: &restored.manifest.missing,
            findings: &restored.findings,
        };
        output.answer(&report, || report.text()).await;
        Ok(())
    }
}

impl Report<'_> {
    fn text(&self) -> String {
        let files = u64::try_from(self.files).unwrap_or(u64::MAX);
        let mut lines = vec![format!(
            "{} is the house as it was at {}: {}, {}, each compared with the manifest.",
            self.directory.display(),
            instant(self.taken_at),
            counted(files, "file"),
            counted(self.bytes, "byte")
        )];
        if !self.signature_checked {
            lines.push("Its keys are new, so the signature of the backup was not checked, and what was signed before needs the old public key.".to_owned());
        }
        lines.push(
            "Everybody has to sign in again; download tickets and keys of machines from before are worth nothing."
                .to_owned(),
        );
        self.list(&mut lines);
        lines.push("Look at 'lockgate check', then 'lockgate serve'. If it was long ago, deadlines are held: 'lockgate deadline list'.".to_owned());
        lines.join("\n")
    }

    fn list(&self, lines: &mut Vec<String>) {
        let findings = self.findings;
        lines.push(format!(
            "Begun anew: {}. Mails that wait because they may have been sent: {} ('lockgate outbox list undeliverable', 'lockgate outbox retry --all').",
            findings.resumed.len(),
            findings.mails_held
        ));
        lines.extend(findings.released_since.iter().map(|id| {
            format!(
                "  RELEASED SINCE: request {id} has an archive that the backup does not know; it is not released again"
            )
        }));
        lines.extend(
            findings.unknown.iter().map(|id| format!("  NOT IN THE BACKUP: request {id} came later; ask for it again")),
        );
        lines.extend(findings.differing.iter().map(|path| {
            format!("  DIFFERS: the archive {path} that survived is not the one of the backup; the backup's was kept")
        }));
        lines
            .extend(self.missing.iter().map(|path| format!("  MISSING: {path} was damaged when the backup was taken")));
    }
}
