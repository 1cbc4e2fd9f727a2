//! Rows of uploads and their files.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;
use workflow::domain::manifest::SourceVersion;
use workflow::ports::Kind;
use workflow::ports::uploads::Upload;

use crate::database::{Error, from_json, nanoseconds, signed, to_json};

/// How far a file is.
pub(super) struct Progress {
    pub(super) received: u64,
    pub(super) arrived: bool,
}

pub(super) fn create(connection: &Connection, upload: &Upload) -> Result<(), Error> {
    if let Some(there) = find(connection, upload.id)? {
        // The instant at which it ends is not what makes it the same upload.
        let is_same = there.by == upload.by && there.project == upload.project && there.files == upload.files;
        let sentence = format!("there is another upload of the name {}", upload.id);
        return if is_same { Ok(()) } else { Err(Error::refused(Kind::Conflict, sentence)) };
    }
    let sql = "INSERT INTO uploads (id, expires_at, body) VALUES (?1, ?2, ?3)";
    let values = params![upload.id.to_string(), nanoseconds(upload.expires_at), to_json(upload)?];
    connection.prepare_cached(sql)?.execute(values)?;
    let sql = "INSERT INTO upload_files (upload, file, received) VALUES (?1, ?2, 0)";
    let mut file = connection.prepare_cached(sql)?;
    for number in 0..upload.files.len() {
        file.execute(params![upload.id.to_string(), signed(number as u64)])?;
    }
    Ok(())
}

pub(super) fn find(connection: &Connection, id: Uuid) -> Result<Option<Upload>, Error> {
    let mut statement = connection.prepare_cached("SELECT body FROM uploads WHERE id = ?1")?;
    let body: Option<String> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    body.map(|body| from_json("an upload", &body)).transpose()
}

pub(super) fn progress(connection: &Connection, id: Uuid, file: u32) -> Result<Option<Progress>, Error> {
    let sql = "SELECT received, version IS NOT NULL FROM upload_files WHERE upload = ?1 AND file = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?));
    let found = statement.query_row(params![id.to_string(), file], read).optional()?;
    Ok(found.map(|(received, arrived)| Progress { received: u64::try_from(received).unwrap_or(0), arrived }))
}

pub(super) fn advance(connection: &Connection, (id, file): (Uuid, u32), received: u64) -> Result<(), Error> {
    let sql = "UPDATE upload_files SET received = ?3 WHERE upload = ?1 AND file = ?2";
    connection.prepare_cached(sql)?.execute(params![id.to_string(), file, signed(received)])?;
    Ok(())
}

pub(super) fn arrive(connection: &Connection, (id, file): (Uuid, u32), version: &SourceVersion) -> Result<(), Error> {
    let sql = "UPDATE upload_files SET key = ?3, version = ?4 WHERE upload = ?1 AND file = ?2 AND version IS NULL";
    connection.prepare_cached(sql)?.execute(params![id.to_string(), file, version.key, version.version])?;
    Ok(())
}

pub(super) fn arrived(connection: &Connection, id: Uuid) -> Result<Option<Vec<Option<SourceVersion>>>, Error> {
    if find(connection, id)?.is_none() {
        return Ok(None);
    }
    let sql = "SELECT key, version FROM upload_files WHERE upload = ?1 ORDER BY file";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([id.to_string()], |row| {
        let (key, version): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
        Ok(key.zip(version).map(|(key, version)| SourceVersion { key, version }))
    })?;
    Ok(Some(rows.collect::<Result<_, _>>()?))
}

pub(super) fn ended(connection: &Connection, now: i64) -> Result<Vec<Uuid>, Error> {
    let mut statement = connection.prepare_cached("SELECT id FROM uploads WHERE expires_at <= ?1 LIMIT 100")?;
    let ids = statement.query_map([now], |row| row.get::<_, String>(0))?;
    ids.map(|id| id?.parse().map_err(|error| Error::damaged("the name of an upload", error))).collect()
}

pub(super) fn forget(connection: &Connection, id: Uuid) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([id.to_string()])?;
    Ok(())
}
