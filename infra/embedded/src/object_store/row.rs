//! The rows that say which versions there are.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use workflow::domain::digest::Digest;
use workflow::domain::id::{RequestId, RoundNumber};
use workflow::ports::object_store::{Area, Measured, ObjectVersion};

use super::location::Owner;
use crate::database::Error;

/// How a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its bytes are there.
    Here,
    /// Its bytes are on their way out.
    Deleting,
    /// Its bytes are gone.
    Deleted,
    /// It has no bytes: it says that the key was deleted in the source.
    Marker,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Marker => "marker",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Here, Self::Deleting, Self::Deleted, Self::Marker].into_iter().find(|state| state.as_str() == text)
    }
}

/// One version of one object.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) object: ObjectVersion,
    pub(crate) owner: Owner,
    pub(crate) measured: Measured,
    pub(crate) state: State,
    /// Nanoseconds since 1970.
    pub(crate) changed_at: i64,
}

impl Stored {
    /// Tells whether the bytes of the two are one file.
    pub(crate) fn shares_with(&self, other: &Self) -> bool {
        let is_named_by_bytes = |stored: &Self| matches!(stored.object.area, Area::Staging | Area::Records);
        is_named_by_bytes(self)
            && is_named_by_bytes(other)
            && self.owner == other.owner
            && self.measured.digest == other.measured.digest
    }
}

/// What became of an insertion.
#[derive(Debug)]
pub(crate) enum Inserted {
    /// The row is there.
    New,
    /// Another version was there under the key.
    Other(Stored),
}

const COLUMNS: &str = "area, key, version, request, round, size, digest, crc32, state, changed_at";

/// Inserts a row, unless its key has a version that is there already.
pub(crate) fn insert_new(connection: &Connection, stored: &Stored) -> Result<Inserted, Error> {
    if let Some(other) = find_here(connection, stored.object.area, &stored.object.key)? {
        return Ok(Inserted::Other(other));
    }
    insert(connection, stored)?;
    Ok(Inserted::New)
}

/// Inserts a row.
pub(crate) fn insert(connection: &Connection, stored: &Stored) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO objects ({COLUMNS}) VALUES
         (:area, :key, :version, :request, :round, :size, :digest, :crc32, :state, :changed_at)"
    );
    connection.prepare_cached(&sql)?.execute(named_params! {
        ":area": stored.object.area.as_str(),
        ":key": stored.object.key,
        ":version": stored.object.version,
        ":request": stored.owner.map(|(request, _)| request.to_string()),
        ":round": stored.owner.map(|(_, round)| round),
        ":size": i64::try_from(stored.measured.size).unwrap_or(i64::MAX),
        ":digest": stored.measured.digest.to_string(),
        ":crc32": stored.measured.crc32,
        ":state": stored.state.as_str(),
        ":changed_at": stored.changed_at,
    })?;
    Ok(())
}

/// The version under a key outside the source, if there is one.
pub(crate) fn find_here(connection: &Connection, area: Area, key: &str) -> Result<Option<Stored>, Error> {
    one(connection, "area = ?1 AND key = ?2 AND state = 'here' AND area <> 'source'", params![area.as_str(), key])
}

/// The newest version under a key, whatever it is.
pub(crate) fn find_newest(connection: &Connection, area: Area, key: &str) -> Result<Option<Stored>, Error> {
    one(connection, "area = ?1 AND key = ?2 ORDER BY number DESC LIMIT 1", params![area.as_str(), key])
}

/// One version, whatever became of it.
pub(crate) fn find(connection: &Connection, object: &ObjectVersion) -> Result<Option<Stored>, Error> {
    let about = params![object.version, object.area.as_str(), object.key];
    one(connection, "version = ?1 AND area = ?2 AND key = ?3", about)
}

/// Tells whether a version that is there has its bytes in the same file: one of the same owner with the same digest.
pub(crate) fn is_shared(connection: &Connection, stored: &Stored) -> Result<bool, Error> {
    // Asked with a limit of one: a request may hold the same bytes under a hundred thousand names.
    let sql = "SELECT 1 FROM objects WHERE digest = ?1 AND state = 'here' AND request IS ?2 AND round IS ?3
               AND area IN ('staging', 'records') LIMIT 1";
    let (request, round) = (stored.owner.map(|(request, _)| request.to_string()), stored.owner.map(|(_, round)| round));
    let is_named_by_bytes = matches!(stored.object.area, Area::Staging | Area::Records);
    let digest = stored.measured.digest.to_string();
    Ok(is_named_by_bytes && connection.prepare_cached(sql)?.exists(params![digest, request, round])?)
}

/// Forgets a version for good.
pub(crate) fn remove(connection: &Connection, object: &ObjectVersion) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM objects WHERE version = ?1")?.execute([&object.version])?;
    Ok(())
}

/// All versions that are there, in every area.
pub(crate) fn here(connection: &Connection) -> Result<Vec<Stored>, Error> {
    many(connection, "state = 'here' ORDER BY number", params![])
}

/// The versions of the source that are there below a prefix of their key.
pub(crate) fn of_source(connection: &Connection, prefix: &str) -> Result<Vec<Stored>, Error> {
    // A range of keys: the character after `/` is `0`.
    let end = format!("{}0", prefix.trim_end_matches('/'));
    many(connection, "area = 'source' AND state = 'here' AND key >= ?1 AND key < ?2 ORDER BY key", params![prefix, end])
}

/// Tells whether a version is there.
pub(crate) fn is_here(connection: &Connection, version: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM objects WHERE version = ?1 AND state <> 'deleted'";
    Ok(connection.prepare_cached(sql)?.exists([version])?)
}

/// All versions of a request in an area that are there, or on their way out.
pub(crate) fn of_request(connection: &Connection, area: Area, request: RequestId) -> Result<Vec<Stored>, Error> {
    let about = params![request.to_string(), area.as_str()];
    many(connection, "request = ?1 AND area = ?2 AND state <> 'deleted' ORDER BY number", about)
}

/// The digests of all bytes of an owner that are there, or on their way out.
pub(crate) fn digests_of(connection: &Connection, owner: (RequestId, RoundNumber)) -> Result<Vec<Digest>, Error> {
    let sql = "SELECT DISTINCT digest FROM objects WHERE request = ?1 AND round = ?2 AND area <> 'release'
               AND state <> 'deleted'";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![owner.0.to_string(), owner.1], |row| row.get::<_, String>(0))?;
    rows.map(|text| text?.parse().map_err(|error| Error::damaged("the digest of an object", error))).collect()
}

/// All versions whose deletion was begun and not finished.
pub(crate) fn deleting(connection: &Connection) -> Result<Vec<Stored>, Error> {
    many(connection, "state = 'deleting' ORDER BY number", params![])
}

/// Moves a version to another state.
pub(crate) fn set_state(connection: &Connection, version: &str, state: State, at: i64) -> Result<(), Error> {
    connection
        .prepare_cached("UPDATE objects SET state = ?2, changed_at = ?3 WHERE version = ?1 AND state <> 'deleted'")?
        .execute(params![version, state.as_str(), at])?;
    Ok(())
}

fn one(connection: &Connection, condition: &str, about: &[&dyn rusqlite::ToSql]) -> Result<Option<Stored>, Error> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM objects WHERE {condition}"))?;
    statement.query_row(about, |row| Ok(read(row))).optional()?.transpose()
}

fn many(connection: &Connection, condition: &str, about: &[&dyn rusqlite::ToSql]) -> Result<Vec<Stored>, Error> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM objects WHERE {condition}"))?;
    statement.query_map(about, |row| Ok(read(row)))?.map(|row| row.map_err(Error::from)?).collect()
}

fn read(row: &Row<'_>) -> Result<Stored, Error> {
    let text = |column: &str| row.get::<_, String>(column);
    let damaged = |what: &'static str| Error::damaged(what, "it is none that we write");
    let area = text("area")?;
    let area = [Area::Source, Area::Staging, Area::Records, Area::Release].into_iter().find(|a| a.as_str() == area);
    let request: Option<String> = row.get("request")?;
    let round: Option<u32> = row.get("round")?;
    let request: Option<RequestId> =
        request.map(|id| id.parse()).transpose().map_err(|error| Error::damaged("the owner of an object", error))?;
    Ok(Stored {
        object: ObjectVersion {
            area: area.ok_or_else(|| damaged("the area of an object"))?,
            key: text("key")?,
            version: text("version")?,
        },
        owner: request.zip(round),
        measured: Measured {
            size: u64::try_from(row.get::<_, i64>("size")?).map_err(|e| Error::damaged("the size of an object", e))?,
            digest: text("digest")?.parse().map_err(|e| Error::damaged("the digest of an object", e))?,
            crc32: row.get("crc32")?,
        },
        state: State::parse(&text("state")?).ok_or_else(|| damaged("the state of an object"))?,
        changed_at: row.get("changed_at")?,
    })
}
