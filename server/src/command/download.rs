//! `download`: fetch a released archive with a ticket.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use workflow::actions;
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::release::PublishedArchive;
use workflow::ports::object_store::{Area, ObjectVersion};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::object;
use crate::output::Output;
use crate::render::{counted, number};
use crate::value;

/// What, for whom, and where to.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Download {
    /// The request
    #[arg(value_name = "REQUEST", value_parser = value::request)]
    id: RequestId,
    /// Who downloads: it is counted
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// The file to write; nothing is overwritten
    #[arg(long, value_name = "FILE", default_value = "egress_data.zip", value_parser = value::path)]
    to: PathBuf,
}

#[derive(Serialize)]
struct Fetched<'a> {
    request: RequestId,
    file: &'a Path,
    bytes: u64,
    digest: Digest,
    downloads_left: u32,
}

impl Download {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        // Before the ticket: what cannot be written must not be counted.
        let draft = Draft::beside(&self.to)?;
        let caller = desk.caller(&self.person).await?;
        let ticket = actions::grant_download::run(&desk.ports, &caller, self.id).await?;
        let archive = actions::redeem::run(&desk.ports, &caller, self.id, &ticket.secret).await?;
        let bytes = fetch(desk, &archive, draft).await?;
        let fetched =
            Fetched { request: self.id, file: &self.to, bytes, digest: archive.digest, downloads_left: ticket.left };
        let text = || {
            let left = counted(u64::from(ticket.left), "download");
            format!(
                "{}\n{} bytes, {}; {left} left for {}",
                self.to.display(),
                number(bytes),
                archive.digest,
                caller.who.name
            )
        };
        output.answer(&fetched, text).await;
        Ok(())
    }
}

async fn fetch(desk: &Desk, archive: &PublishedArchive, mut draft: Draft) -> Result<u64, Failure> {
    let object = ObjectVersion { area: Area::Release, key: archive.key.clone(), version: archive.version.clone() };
    let copied = object::copy(&desk.ports, &object, |piece| draft.file.write_all(piece)).await?;
    let bytes = copied.map_err(|error| draft.complaint(&error))?;
    draft.publish()?;
    Ok(bytes)
}

/// A file that appears whole or not at all.
struct Draft {
    file: tempfile::NamedTempFile,
    target: PathBuf,
}

impl Draft {
    fn beside(target: &Path) -> Result<Self, Failure> {
        if target.try_exists().unwrap_or(false) {
            let sentence =
                format!("{} is there already and was left alone. Name another file with --to.", target.display());
            return Err(Failure::conflict(sentence));
        }
        let folder = target.parent().unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder);
        let file = file.map_err(|error| complaint(target, &error))?;
        Ok(Self { file, target: target.to_owned() })
    }

    fn complaint(&self, error: &std::io::Error) -> Failure {
        complaint(&self.target, error)
    }

    fn publish(self) -> Result<(), Failure> {
        self.file.as_file().sync_all().map_err(|error| complaint(&self.target, &error))?;
        self.file.persist_noclobber(&self.target).map_err(|error| complaint(&self.target, &error.error))?;
        Ok(())
    }
}

fn complaint(target: &Path, error: &std::io::Error) -> Failure {
    Failure::unreachable(format!("{} cannot be written: {error}. Nothing was left there; try again.", target.display()))
}
