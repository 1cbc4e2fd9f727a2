//! A house that came back, against what happened after the backup was taken.
//!
//! What was granted before is worth nothing: sessions, keys, tickets, waits. Mails that were due wait for an operator,
//! since they may have been sent. And nothing that was released since is released again.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;
use workflow::domain::audit::Actor;
use workflow::domain::change::Change;
use workflow::domain::id::RequestId;
use workflow::domain::outbox::{Errand, Message};
use workflow::domain::request::Request;
use workflow::domain::status::Cause;
use workflow::ports::request_store::{Commit, Pattern, Query};
use workflow::ports::{Clock, Kind, PortError, RequestStore as _};

use super::copy::{copy_file, files_below};
use super::error::BackupError;
use super::manifest::Manifest;
use super::snapshot::DATABASE;
use crate::RequestStore;
use crate::database::{Database, Error, Mode, from_json, nanoseconds};
use crate::failure::blocking;

/// Who changes requests here, in the audit.
const NAME: &str = "restore";
/// Why a mail waits.
const HELD: &str = "held because the house was brought back from a backup: it may have been sent before";
/// Requests that are read in one page.
const PAGE: u32 = 100;

/// What an operator has to know about a house that came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Requests whose work begins anew.
    pub resumed: Vec<RequestId>,
    /// Requests that the backup does not know as released and that have an archive in the release area: they were
    /// released after the backup was taken. They are not released again.
    pub released_since: Vec<RequestId>,
    /// Requests that came after the backup was taken, as far as something of them survived.
    pub unknown: Vec<String>,
    /// Archives whose bytes differ between the backup and what survived.
    pub differing: Vec<String>,
    /// Mails that were due and wait for an operator.
    pub mails_held: u64,
    /// Keys of machines that are worth nothing any more.
    pub keys_revoked: u64,
}

pub(super) async fn run(
    partial: &Path,
    manifest: &Manifest,
    beside: Option<&Path>,
    clock: &dyn Clock,
) -> Result<Findings, BackupError> {
    let (folder, survived) = (partial.to_owned(), beside.map(Path::to_owned));
    let (mut findings, archives, blobs) = blocking(move || survey(&folder, survived.as_deref())).await?;
    let database = Database::open(&partial.join(DATABASE), Mode::ReadWrite)?;
    let now = clock.now();
    let (mails, keys) = database.write(move |connection| begin_epoch(connection, nanoseconds(now))).await?;
    (findings.mails_held, findings.keys_revoked) = (mails, keys);
    let requests = RequestStore::new(database.clone());
    let known = each(&requests, (manifest.taken_at, now), &archives, &mut findings).await?;
    let lost = archives.iter().filter_map(|path| request_of(path)).chain(blobs);
    let lost: BTreeSet<RequestId> = lost.filter(|id| !known.contains(id)).collect();
    findings.unknown = lost.iter().map(ToString::to_string).collect();
    database.fold_in().await?;
    Ok(findings)
}

/// Looks at what survived: archives come back with the backup's own.
fn survey(partial: &Path, beside: Option<&Path>) -> Result<(Findings, BTreeSet<String>, Vec<RequestId>), BackupError> {
    let mut findings = Findings::default();
    let release = partial.join("release");
    let at_work = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::AtWork { path, source }
    };
    let mut archives: BTreeSet<String> = files_below(&release).map_err(at_work(&release))?.into_iter().collect();
    let mut blobs = Vec::new();
    if let Some(beside) = beside {
        let survived = beside.join("release");
        for path in files_below(&survived).map_err(at_work(&survived))? {
            let (from, to) = (survived.join(&path), release.join(&path));
            if archives.contains(&path) {
                if !is_same(&from, &to).map_err(at_work(&from))? {
                    findings.differing.push(path);
                }
            } else {
                copy_file(&from, &to).map_err(at_work(&from))?;
                archives.insert(path);
            }
        }
        let folder = beside.join("blobs");
        blobs = files_below(&folder).map_err(at_work(&folder))?.iter().filter_map(|path| request_of(path)).collect();
    }
    Ok((findings, archives, blobs))
}

fn is_same(one: &Path, other: &Path) -> std::io::Result<bool> {
    let measure = |path: &Path| crate::object_store::measure_file(&std::fs::File::open(path)?);
    Ok(measure(one)? == measure(other)?)
}

/// The request whose name is a part of a path.
fn request_of(path: &str) -> Option<RequestId> {
    path.split('/').find_map(|part| part.parse().ok())
}

/// Makes worthless what was granted before, and holds the mails that were due; counts the mails and the keys.
fn begin_epoch(connection: &Connection, now: i64) -> Result<(u64, u64), Error> {
    connection.execute_batch(
        "UPDATE house SET epoch = epoch + 1;
         DELETE FROM sessions; DELETE FROM upload_files; DELETE FROM uploads;
         DELETE FROM parts; DELETE FROM assemblies; DELETE FROM journal;",
    )?;
    let outcome =
        r#"{"outcome":"aborted","error":"Lockgate.Restored","cause":"the house was brought back from a backup"}"#;
    let sql = "UPDATE executions SET ended_at = ?1, outcome = ?2 WHERE ended_at IS NULL";
    connection.execute(sql, params![now, outcome])?;
    let keys = connection.execute("UPDATE api_keys SET revoked_at = ?1 WHERE revoked_at IS NULL", [now])?;
    Ok((hold_mails(connection)?, u64::try_from(keys).unwrap_or(0)))
}

fn hold_mails(connection: &Connection) -> Result<u64, Error> {
    let mut due = connection.prepare("SELECT number, body FROM outbox WHERE due_at IS NOT NULL")?;
    let rows = due.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<(i64, String)>, _>>()?;
    let mut hold =
        connection.prepare("UPDATE outbox SET due_at = NULL, undeliverable = 1, trouble = ?2 WHERE number = ?1")?;
    let mut held = 0;
    for (number, body) in rows {
        let message: Message = from_json("a message", &body)?;
        if matches!(message.errand, Errand::Tell { .. }) {
            hold.execute(params![number, HELD])?;
            held += 1;
        }
    }
    Ok(held)
}

/// Looks at every request, and answers which there are.
async fn each(
    requests: &RequestStore,
    instants: (Timestamp, Timestamp),
    archives: &BTreeSet<String>,
    findings: &mut Findings,
) -> Result<BTreeSet<RequestId>, BackupError> {
    let (mut known, mut after) = (BTreeSet::new(), None);
    loop {
        let page = requests.list(&Query { pattern: Pattern::All, after, first: PAGE }).await?;
        for request in &page.requests {
            known.insert(request.id);
            let is_archived = archives.contains(&request.release_key());
            if let Some(change) = look_at(request, instants, is_archived, findings) {
                commit(requests, &change).await?;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(known);
        }
    }
}

fn look_at(
    request: &Request,
    (taken_at, now): (Timestamp, Timestamp),
    is_archived: bool,
    findings: &mut Findings,
) -> Option<Change> {
    let actor = Actor::chore(NAME);
    let is_known = request.release.as_ref().is_some_and(|release| release.archive.is_some());
    if is_archived && !is_known {
        findings.released_since.push(request.id);
        // With the plan that is on record, the step makes the same bytes again and finds them published.
        if request.status.is_running() && request.release.is_none() {
            return request.fail(request.run, released_since(), actor, now).ok();
        }
    }
    let change = request.restore(taken_at, actor, now)?;
    findings.resumed.push(request.id);
    Some(change)
}

fn released_since() -> Cause {
    Cause {
        state: "Restore".to_owned(),
        error: "Lockgate.ReleasedSince".to_owned(),
        sentence: "The release area holds an archive of this request, which was made after the backup that the house was brought back from. The archive stays, and nothing is released a second time. Compare its record with the decisions, then end the request.".to_owned(),
    }
}

async fn commit(requests: &RequestStore, change: &Change) -> Result<(), BackupError> {
    match requests.commit(change).await? {
        Commit::Done => Ok(()),
        other => Err(PortError::new("request store", "bring a request back", Kind::Conflict)
            .because(format!("{other:?}"))
            .into()),
    }
}
