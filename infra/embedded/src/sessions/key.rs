//! Rows of keys.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use workflow::domain::digest::Digest;
use workflow::domain::person::Identity;
use workflow::domain::text::Title;
use workflow::ports::Kind;
use workflow::ports::sessions::ApiKey;

use crate::database::{Error, from_json, instant_of, nanoseconds, to_json};

const COLUMNS: &str = "id, secret, label, issuer, subject, scopes, created_at, expires_at, revoked_at";

pub(super) fn add(connection: &Connection, key: &ApiKey) -> Result<(), Error> {
    if let Some(there) = find(connection, &key.id)? {
        let sentence = format!("there is another key of the name {}", key.id);
        return if there.secret == key.secret { Ok(()) } else { Err(Error::refused(Kind::Conflict, sentence)) };
    }
    let sql = format!("INSERT INTO api_keys ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    connection.prepare_cached(&sql)?.execute(params![
        key.id,
        key.secret.to_string(),
        key.label.as_str(),
        key.identity.issuer,
        key.identity.subject,
        to_json(&key.scopes)?,
        nanoseconds(key.created_at),
        nanoseconds(key.expires_at),
        key.revoked_at.map(nanoseconds),
    ])?;
    Ok(())
}

pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<ApiKey>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], |row| Ok(key(row))).optional()?.transpose()
}

pub(super) fn list(connection: &Connection, identity: Option<&Identity>) -> Result<Vec<ApiKey>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM api_keys WHERE ?1 IS NULL OR (issuer = ?1 AND subject = ?2) ORDER BY created_at, id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = params![identity.map(|i| i.issuer.as_str()), identity.map(|i| i.subject.as_str())];
    let rows = statement.query_map(values, |row| Ok(key(row)))?;
    rows.map(|row| row?).collect()
}

pub(super) fn revoke(connection: &Connection, id: &str, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
    match connection.prepare_cached(sql)?.execute(params![id, nanoseconds(at)])? {
        0 => Err(Error::refused(Kind::Missing, format!("there is no key of the name {id}"))),
        _ => Ok(()),
    }
}

fn key(row: &Row<'_>) -> Result<ApiKey, Error> {
    let (secret, label, scopes): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(5)?);
    Ok(ApiKey {
        id: row.get(0)?,
        secret: secret.parse::<Digest>().map_err(|error| Error::damaged("the digest of a key", error))?,
        label: Title::parse(label).map_err(|error| Error::damaged("the label of a key", error))?,
        identity: Identity { issuer: row.get(3)?, subject: row.get(4)? },
        scopes: from_json("the scopes of a key", &scopes)?,
        created_at: instant_of(row.get(6)?)?,
        expires_at: instant_of(row.get(7)?)?,
        revoked_at: row.get::<_, Option<i64>>(8)?.map(instant_of).transpose()?,
    })
}
