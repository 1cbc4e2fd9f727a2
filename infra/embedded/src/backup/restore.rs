//! Bringing a house back: every byte is compared with the manifest before anything is believed.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use workflow::domain::digest::Digest;

use super::copy::copy_file;
use super::error::BackupError;
use super::manifest::{Entry, Manifest};
use super::reconcile::{self, Findings};
use super::snapshot::{DATABASE, named_by};
use super::take::SETTINGS;
use super::{begin, finish, keys};
use crate::database::Error;
use crate::disk::Disk;
use crate::failure::blocking;
use crate::house::Options;

/// The keys that a house comes back with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// Those that were exported to a folder. The signature of the backup is checked with them.
    From(PathBuf),
    /// New ones, because the old ones are lost: the signature of the backup is not checked.
    New,
}

/// What is to be brought back, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The backup.
    pub from: PathBuf,
    /// The data directory that is to come of it. There must be nothing in it.
    pub to: PathBuf,
    /// The keys.
    pub keys: Keys,
    /// The data directory as the accident left it, if something of it survived. It is only read.
    pub beside: Option<PathBuf>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The manifest of the backup.
    pub manifest: Manifest,
    /// Whether its signature was checked.
    pub is_signature_checked: bool,
    /// What an operator has to know.
    pub findings: Findings,
}

/// Brings a house back. The directory appears whole or not at all.
pub async fn restore(order: &Order, options: &Options) -> Result<Restored, BackupError> {
    let ordered = order.clone();
    let (partial, manifest) = blocking(move || bring(&ordered)).await?;
    let findings = reconcile::run(&partial, &manifest, order.beside.as_deref(), &*options.clock).await?;
    let (from, to) = (order.from.clone(), order.to.clone());
    let settings: Vec<Entry> = manifest.files.iter().filter(|file| is_setting(file)).cloned().collect();
    blocking(move || {
        // Without its configuration a folder is no data directory: this comes last.
        settings.iter().try_for_each(|file| bring_file(&from, &partial, file))?;
        finish(&partial, &to)
    })
    .await?;
    Ok(Restored { manifest, is_signature_checked: order.keys != Keys::New, findings })
}

fn is_setting(file: &Entry) -> bool {
    SETTINGS.contains(&file.path.as_str())
}

fn bring(order: &Order) -> Result<(PathBuf, Manifest), BackupError> {
    let opened =
        match &order.keys {
            Keys::From(folder) => Some(crate::sealer::Keys::open(folder).map_err(|error| {
                BackupError::OtherKeys(format!("There are no keys in {}: {error}", folder.display()))
            })?),
            Keys::New => None,
        };
    let manifest = Manifest::read(&order.from, opened.as_ref())?;
    let partial = begin(&order.to)?;
    bring_keys(&order.keys, &partial)?;
    for file in manifest.files.iter().filter(|file| !is_setting(file)) {
        bring_file(&order.from, &partial, file)?;
    }
    check_database(&partial, &manifest)?;
    Ok((partial, manifest))
}

fn bring_keys(from: &Keys, partial: &Path) -> Result<(), BackupError> {
    let folder = partial.join("keys");
    let at_work = |source| BackupError::AtWork { path: folder.clone(), source };
    match from {
        Keys::From(exported) => {
            super::copy::make_room(&folder.join("key")).map_err(at_work)?;
            keys::copy(exported, &folder).map(drop)
        }
        Keys::New => {
            let disk = Disk::new(partial.join("drafts"), None).map_err(at_work)?;
            crate::sealer::Keys::create(&folder, &disk).map_err(at_work)
        }
    }
}

fn bring_file(from: &Path, partial: &Path, file: &Entry) -> Result<(), BackupError> {
    let damaged = |what: String| BackupError::Damaged(format!("{} {what}", workflow::domain::path::show(&file.path)));
    let is_within = Path::new(&file.path).components().all(|part| matches!(part, Component::Normal(_)));
    if !is_within {
        return Err(damaged("is no file of a data directory".to_owned()));
    }
    let measured = copy_file(&from.join(&file.path), &partial.join(&file.path))
        .map_err(|error| damaged(format!("cannot be brought back ({error})")))?;
    if (measured.size, measured.digest) == (file.size, file.digest) {
        return Ok(());
    }
    Err(damaged("is not what the manifest says".to_owned()))
}

/// The database is whole, and what it names is what the manifest names.
fn check_database(partial: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let path = partial.join(DATABASE);
    let damaged = |what: String| BackupError::Damaged(what);
    if !path.exists() {
        return Err(damaged("it has no database".to_owned()));
    }
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(Error::from)?;
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(Error::from)?;
    if verdict != "ok" {
        return Err(damaged(format!("its database is not whole ({verdict})")));
    }
    let known: BTreeMap<&str, Digest> = manifest.files.iter().map(|file| (file.path.as_str(), file.digest)).collect();
    for (name, measured) in named_by(&path, partial)? {
        let is_there = known.get(name.as_str()) == Some(&measured.digest);
        if !is_there && !manifest.missing.contains(&name) {
            return Err(damaged(format!("it lacks {name}, which its database names")));
        }
    }
    Ok(())
}
