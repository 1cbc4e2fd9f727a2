//! The outbox: a message is due until it is settled or given up; a lease moves the instant at which it is due.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::outbox::{Message, MessageId};
use workflow::ports::outbox::{self as port, Delivery, Drawer, Leased, Posting};
use workflow::ports::{Kind, PortResult};

use crate::database::{Database, Error, from_json, instant_of, nanoseconds};

const PORT: &str = "Outbox";

macro_rules! postings {
    ($which:literal) => {
        concat!("SELECT number, body, attempts, due_at, trouble, undeliverable, id FROM outbox WHERE ", $which)
    };
}

/// The outbox of one machine.
#[derive(Debug, Clone)]
pub struct Outbox {
    database: Database,
}

impl Outbox {
    /// The outbox in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Ends a lease. What is settled or given up meanwhile stays so.
    async fn put_off(
        &self,
        id: MessageId,
        (due_at, is_held): (Option<Timestamp>, bool),
        trouble: &str,
    ) -> Result<(), Error> {
        let trouble = trouble.to_owned();
        let put_off = self.database.write(move |connection| {
            let sql = "UPDATE outbox SET due_at = ?2, undeliverable = ?3, trouble = ?4, held = ?5
                       WHERE id = ?1 AND due_at IS NOT NULL";
            let due_at = due_at.map(nanoseconds);
            let values = params![id.to_string(), due_at, due_at.is_none(), trouble, is_held];
            connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        });
        put_off.await
    }
}

#[async_trait]
impl port::Outbox for Outbox {
    async fn lease(&self, now: Timestamp, until: Timestamp, first: u32) -> PortResult<Vec<Leased>> {
        let leased = self.database.write(move |connection| lease(connection, now, until, first)).await;
        leased.map_err(|e| e.during(PORT, "lease"))
    }

    async fn deliver(&self, ids: &[MessageId], delivery: &Delivery) -> PortResult<()> {
        let (ids, delivery) = (ids.to_vec(), delivery.clone());
        let delivered = self.database.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "INSERT OR IGNORE INTO deliveries (message, email, address, delivered_at, answer)
                 SELECT number, ?2, ?3, ?4, ?5 FROM outbox WHERE id = ?1",
            )?;
            let Delivery { to, at, answer, .. } = &delivery;
            for id in ids {
                statement.execute(params![id.to_string(), to.folded(), to.as_str(), nanoseconds(*at), answer])?;
            }
            Ok(())
        });
        delivered.await.map_err(|e| e.during(PORT, "record a delivery"))
    }

    async fn reached(&self, to: &Email, from: Timestamp) -> PortResult<Vec<MessageId>> {
        let (to, from) = (to.folded().to_owned(), nanoseconds(from));
        let reached = self.database.read(move |connection| {
            let sql = "SELECT id FROM deliveries JOIN outbox ON outbox.number = deliveries.message
                       WHERE email = ?1 AND delivered_at >= ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let ids = statement.query_map(params![to, from], |row| row.get::<_, String>(0))?;
            ids.map(|id| id?.parse().map_err(|e| Error::damaged("the name of a message", e))).collect()
        });
        reached.await.map_err(|e| e.during(PORT, "find what reached somebody"))
    }

    async fn bounce(&self, id: MessageId, to: &Email, why: &str) -> PortResult<()> {
        let (to, why) = (to.clone(), why.to_owned());
        let bounced = self.database.write(move |connection| bounce(connection, id, &to, &why)).await;
        bounced.map_err(|e| e.during(PORT, format!("record that {id} came back")))
    }

    async fn settle(&self, id: MessageId) -> PortResult<()> {
        let settled = self.database.write(move |connection| {
            let sql = "UPDATE outbox SET due_at = NULL, undeliverable = EXISTS (
                           SELECT 1 FROM deliveries WHERE message = number AND came_back IS NOT NULL)
                       WHERE id = ?1 AND (due_at IS NOT NULL OR undeliverable = 1)";
            connection.prepare_cached(sql)?.execute([id.to_string()])?;
            Ok(())
        });
        settled.await.map_err(|e| e.during(PORT, format!("settle {id}")))
    }

    async fn postpone(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> PortResult<()> {
        let put_off = self.put_off(id, (next_at, false), trouble).await;
        put_off.map_err(|e| e.during(PORT, format!("postpone {id}")))
    }

    async fn hold(&self, id: MessageId, until: Timestamp, why: &str) -> PortResult<()> {
        self.put_off(id, (Some(until), true), why).await.map_err(|e| e.during(PORT, format!("hold {id}")))
    }

    async fn list(&self, drawer: Drawer, first: u32) -> PortResult<Vec<Posting>> {
        let listed = self.database.read(move |connection| list(connection, drawer, first)).await;
        listed.map_err(|e| e.during(PORT, "list"))
    }

    async fn count(&self, drawer: Drawer) -> PortResult<u64> {
        let sql = match drawer {
            Drawer::Due => "SELECT count(*) FROM outbox WHERE due_at IS NOT NULL",
            Drawer::Undeliverable => "SELECT count(*) FROM outbox WHERE undeliverable = 1",
            Drawer::Settled => "SELECT count(*) FROM outbox WHERE due_at IS NULL AND undeliverable = 0",
        };
        let counted =
            self.database.read(move |c| Ok(c.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?));
        Ok(counted.await.map_err(|e| e.during(PORT, "count"))?.unsigned_abs())
    }

    async fn find(&self, id: MessageId) -> PortResult<Option<Posting>> {
        let found = self.database.read(move |connection| {
            let mut statement = connection.prepare_cached(postings!("id = ?1"))?;
            let found = statement.query_row([id.to_string()], |row| Ok(read_posting(connection, row))).optional()?;
            found.transpose()
        });
        found.await.map_err(|e| e.during(PORT, format!("find {id}")))
    }

    async fn retry(&self, id: MessageId, now: Timestamp) -> PortResult<()> {
        let retried = self.database.write(move |connection| retry(connection, id, now)).await;
        retried.map_err(|e| e.during(PORT, format!("retry {id}")))
    }
}

fn lease(connection: &Connection, now: Timestamp, until: Timestamp, first: u32) -> Result<Vec<Leased>, Error> {
    let mut due = connection.prepare_cached(
        "SELECT number, attempts, held, body FROM outbox WHERE due_at <= ?1 ORDER BY due_at, number LIMIT ?2",
    )?;
    let mut claim = connection.prepare_cached("UPDATE outbox SET due_at = ?2, attempts = ?3 WHERE number = ?1")?;
    let mut rows = due.query(params![nanoseconds(now), first])?;
    let mut found: Vec<(i64, Result<Leased, Error>)> = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, read_leased(connection, row)));
    }
    let mut leased = Vec::new();
    for (number, read) in found {
        match read {
            Ok(message) => {
                claim.execute(params![number, nanoseconds(until), message.attempts.saturating_add(1)])?;
                leased.push(message);
            }
            Err(error) => put_aside(connection, number, &error)?,
        }
    }
    Ok(leased)
}

fn read_leased(connection: &Connection, row: &Row<'_>) -> Result<Leased, Error> {
    let addresses = deliveries(connection, row.get(0)?)?.into_iter().map(|delivery| delivery.to);
    Ok(Leased {
        message: from_json("a message", row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
        attempts: row.get(1)?,
        delivered_to: addresses.collect(),
        was_held: row.get(2)?,
    })
}

/// Gives up a message that cannot be read: operators find it in their list, and the others go on.
fn put_aside(connection: &Connection, number: i64, error: &Error) -> Result<(), Error> {
    let trouble = format!("what is stored of it cannot be read: {error}");
    tracing::error!(number, trouble, "a message of the outbox was put aside");
    let sql = "UPDATE outbox SET due_at = NULL, undeliverable = 1, trouble = ?2 WHERE number = ?1";
    connection.prepare_cached(sql)?.execute(params![number, trouble])?;
    Ok(())
}

/// Whom a message reached, in that order.
fn deliveries(connection: &Connection, message: i64) -> Result<Vec<Delivery>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT address, delivered_at, answer, came_back FROM deliveries WHERE message = ?1 ORDER BY delivered_at, email",
    )?;
    let mut rows = statement.query([message])?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        let to = Email::parse(row.get::<_, String>(0)?).map_err(|e| Error::damaged("an address", e))?;
        let at = instant_of(row.get(1)?)?;
        deliveries.push(Delivery { to, at, answer: row.get(2)?, came_back: row.get(3)? });
    }
    Ok(deliveries)
}

/// What is still due for others stays so, and is given up when it is settled.
fn bounce(connection: &Connection, id: MessageId, to: &Email, why: &str) -> Result<(), Error> {
    let sql = "UPDATE deliveries SET came_back = ?3
               WHERE message = (SELECT number FROM outbox WHERE id = ?1) AND email = ?2 AND came_back IS NULL";
    if connection.prepare_cached(sql)?.execute(params![id.to_string(), to.folded(), why])? > 0 {
        let sql = "UPDATE outbox SET undeliverable = due_at IS NULL, trouble = ?2 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![id.to_string(), port::trouble_of_bounce(to, why)])?;
    }
    Ok(())
}

fn list(connection: &Connection, drawer: Drawer, first: u32) -> Result<Vec<Posting>, Error> {
    let mut statement = connection.prepare_cached(match drawer {
        // The plus keeps the walk on the short index of what is due, whatever lies settled beside it.
        Drawer::Due => postings!("due_at IS NOT NULL ORDER BY +number LIMIT ?1"),
        Drawer::Undeliverable => postings!("undeliverable = 1 ORDER BY number LIMIT ?1"),
        Drawer::Settled => postings!("due_at IS NULL AND undeliverable = 0 ORDER BY number LIMIT ?1"),
    })?;
    let mut rows = statement.query([first])?;
    let mut postings = Vec::new();
    while let Some(row) = rows.next()? {
        postings.push(read_posting(connection, row)?);
    }
    Ok(postings)
}

/// A row as operators see it. What cannot be read of it is left out: the rest is what they need to put it right.
fn read_posting(connection: &Connection, row: &Row<'_>) -> Result<Posting, Error> {
    let (due_at, undeliverable): (Option<i64>, bool) = (row.get(3)?, row.get(5)?);
    let number: i64 = row.get(0)?;
    let body = row.get_ref(1)?.as_str().unwrap_or_default();
    let message: Option<Message> = from_json("a message", body).ok();
    Ok(Posting {
        id: read_id(row, message.as_ref(), number),
        message,
        attempts: row.get(2)?,
        next_at: due_at.map(instant_of).transpose()?,
        trouble: row.get(4)?,
        deliveries: deliveries(connection, number).unwrap_or_default(),
        undeliverable,
        settled: due_at.is_none() && !undeliverable,
    })
}

/// The name of a row's message. A row that has lost it is shown under its number.
fn read_id(row: &Row<'_>, message: Option<&Message>, number: i64) -> MessageId {
    let stored = row.get_ref(6).ok().and_then(|id| id.as_str().ok()).and_then(|id| id.parse().ok());
    let nameless =
        || MessageId { request: RequestId::new(uuid::Uuid::nil()), sequence: number.unsigned_abs(), index: 0 };
    stored.or(message.map(|message| message.id)).unwrap_or_else(nameless)
}

fn retry(connection: &Connection, id: MessageId, now: Timestamp) -> Result<(), Error> {
    let mut statement = connection.prepare_cached("SELECT undeliverable FROM outbox WHERE id = ?1")?;
    let found: Option<bool> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    match found {
        None => return Err(Error::refused(Kind::Missing, format!("there is no message {id}"))),
        Some(false) => return Ok(()),
        Some(true) => {}
    }
    let sql =
        "DELETE FROM deliveries WHERE message = (SELECT number FROM outbox WHERE id = ?1) AND came_back IS NOT NULL";
    connection.prepare_cached(sql)?.execute([id.to_string()])?;
    let sql = "UPDATE outbox SET undeliverable = 0, due_at = ?2, attempts = 0, held = 0 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![id.to_string(), nanoseconds(now)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use workflow::ports::outbox::Outbox as _;

    use super::*;
    use crate::database::Mode;

    fn instant(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// An outbox whose second of three messages is damaged as `damage` says.
    fn damaged(folder: &std::path::Path, damage: &str) -> Outbox {
        let path = folder.join("lockgate.db");
        let outbox = Outbox::new(Database::open(&path, Mode::ReadWrite).unwrap());
        let connection = Connection::open(&path).unwrap();
        for number in 1..=3 {
            let id = format!("5b0c3a1e-0f53-4f0e-8f0e-3d4b9a6c7e21.{number}.0");
            let message = Message {
                id: id.parse().unwrap(),
                created_at: instant(number),
                errand: workflow::domain::outbox::Errand::BeginRun { run: 1 },
            };
            let body = crate::database::to_json(&message).unwrap();
            let sql = "INSERT INTO outbox (id, due_at, body) VALUES (?1, ?2, ?3)";
            connection.execute(sql, params![id, number, body]).unwrap();
        }
        connection.execute(&format!("UPDATE outbox SET {damage} WHERE number = 2"), []).unwrap();
        outbox
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_read_is_put_aside_and_the_others_go_on() {
        for damage in ["body = 'x'", "body = '{}'", "body = replace(body, 'begin_run', 'fly')", "body = '', id = 'x'"] {
            let folder = tempfile::tempdir().unwrap();
            let outbox = damaged(folder.path(), damage);
            assert_eq!(outbox.list(Drawer::Due, 10).await.unwrap().len(), 3, "it can be looked at all the same");
            let leased = outbox.lease(instant(10), instant(20), 10).await.unwrap();
            assert_eq!(leased.iter().map(|leased| leased.message.id.sequence).collect::<Vec<_>>(), [1, 3]);
            let aside = outbox.list(Drawer::Undeliverable, 10).await.unwrap();
            assert_eq!(aside.len(), 1);
            assert_eq!(aside[0].message, None);
            let trouble = aside[0].trouble.as_deref().unwrap();
            assert!(trouble.starts_with("what is stored of it cannot be read: "), "{trouble}");
        }
    }
}
