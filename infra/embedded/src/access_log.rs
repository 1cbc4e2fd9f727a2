//! The access log: one segment a day. A day that a checkpoint has asked about is closed for good.

use async_trait::async_trait;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};
use workflow::domain::access::{Access, Segment};
use workflow::domain::digest::Digest;
use workflow::ports::{PortResult, access_log as port};

use crate::database::{Database, Error, from_json, signed};

const PORT: &str = "AccessLog";

/// The access log of one machine.
///
/// An entry that comes when its day is closed goes to the first day that is open, so that what a checkpoint bound
/// stays as it was.
#[derive(Debug, Clone)]
pub struct AccessLog {
    database: Database,
}

impl AccessLog {
    /// The access log in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn close(&self, before: Date) -> Result<(), Error> {
        let open = self.database.read(first_open_day).await?;
        if open.is_some_and(|open| open >= before.to_string()) || self.database.is_read_only() {
            return Ok(());
        }
        let closed = self.database.write(move |connection| {
            let sql = "INSERT INTO access_open (only_row, day) VALUES (1, ?1)
                       ON CONFLICT (only_row) DO UPDATE SET day = max(day, excluded.day)";
            connection.prepare_cached(sql)?.execute([before.to_string()])?;
            Ok(())
        });
        closed.await
    }

    async fn segments_before(&self, before: Date) -> Result<Vec<(Date, Digest)>, Error> {
        self.close(before).await?;
        let segments = self.database.read(move |connection| segments(connection, before)).await?;
        let fresh: Vec<_> = segments.iter().filter(|segment| !segment.kept).map(Found::row).collect();
        if !fresh.is_empty() && !self.database.is_read_only() {
            self.database.write(move |connection| keep(connection, &fresh)).await?;
        }
        Ok(segments.into_iter().map(|segment| (segment.day, segment.digest)).collect())
    }
}

#[async_trait]
impl port::AccessLog for AccessLog {
    async fn append(&self, access: &Access) -> PortResult<()> {
        let day = access.at.to_zoned(TimeZone::UTC).date().to_string();
        let body = Segment::line(access);
        let appended = self.database.write(move |connection| append(connection, &day, &body)).await;
        appended.map_err(|e| e.during(PORT, "append"))
    }

    async fn read(&self, day: Date, after: u64, first: u32) -> PortResult<Vec<Access>> {
        let entries = self.database.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT body FROM access WHERE day = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
            )?;
            let bodies =
                statement.query_map(params![day.to_string(), signed(after), first], |row| row.get::<_, String>(0))?;
            bodies.map(|body| from_json("an entry of the access log", &body?)).collect()
        });
        entries.await.map_err(|e| e.during(PORT, format!("read {day}")))
    }

    async fn segments(&self, before: Date) -> PortResult<Vec<(Date, Digest)>> {
        self.segments_before(before).await.map_err(|e| e.during(PORT, format!("segments before {before}")))
    }
}

/// The first day that is open, as text: days sort as their texts do.
fn first_open_day(connection: &Connection) -> Result<Option<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT day FROM access_open")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

fn append(connection: &Connection, day: &str, body: &str) -> Result<(), Error> {
    let open = first_open_day(connection)?;
    let day = open.as_deref().map_or(day, |open| open.max(day));
    let mut statement = connection.prepare_cached(
        "INSERT INTO access (day, sequence, body)
         VALUES (?1, (SELECT coalesce(max(sequence), 0) + 1 FROM access WHERE day = ?1), ?2)",
    )?;
    statement.execute([day, body])?;
    Ok(())
}

/// A segment, and whether its digest is kept.
struct Found {
    day: Date,
    digest: Digest,
    kept: bool,
}

impl Found {
    fn row(&self) -> [String; 2] {
        [self.day.to_string(), self.digest.to_string()]
    }
}

fn segments(connection: &Connection, before: Date) -> Result<Vec<Found>, Error> {
    // Walks from day to day instead of over every entry.
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE days (day) AS (
             SELECT min(day) FROM access
             UNION ALL SELECT (SELECT min(access.day) FROM access WHERE access.day > days.day) FROM days WHERE day IS NOT NULL)
         SELECT days.day, digest FROM days LEFT JOIN access_segments ON access_segments.day = days.day
         WHERE days.day < ?1 ORDER BY days.day",
    )?;
    let rows = statement.query_map([before.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    rows.map(|row| row.map_err(Error::from).and_then(|(day, digest)| find_segment(connection, &day, digest))).collect()
}

fn find_segment(connection: &Connection, day: &str, digest: Option<String>) -> Result<Found, Error> {
    let kept = digest.is_some();
    let digest = match digest {
        Some(digest) => digest.parse().map_err(|e| Error::damaged("the digest of a day", e))?,
        None => digest_day(connection, day)?,
    };
    Ok(Found { day: day.parse().map_err(|e| Error::damaged("a day of the access log", e))?, digest, kept })
}

fn digest_day(connection: &Connection, day: &str) -> Result<Digest, Error> {
    let mut statement = connection.prepare_cached("SELECT body FROM access WHERE day = ?1 ORDER BY sequence")?;
    let mut rows = statement.query([day])?;
    let mut segment = Segment::default();
    while let Some(row) = rows.next()? {
        segment.push_line(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
    }
    Ok(segment.digest())
}

fn keep(connection: &Connection, segments: &[[String; 2]]) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO access_segments (day, digest) VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    for [day, digest] in segments {
        statement.execute([day, digest])?;
    }
    Ok(())
}
