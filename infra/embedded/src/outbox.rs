//! The outbox: a message is due until it is settled or given up; a lease moves the instant at which it is due.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use workflow::domain::email::Email;
use workflow::domain::outbox::{Message, MessageId};
use workflow::ports::outbox::{self as port, Drawer, Leased, Posting};
use workflow::ports::{Kind, PortResult};

use crate::database::{Database, Error, from_json, instant_of, nanoseconds};

const PORT: &str = "Outbox";

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
}

#[async_trait]
impl port::Outbox for Outbox {
    async fn lease(&self, now: Timestamp, until: Timestamp, first: u32) -> PortResult<Vec<Leased>> {
        let leased = self.database.write(move |connection| lease(connection, now, until, first)).await;
        leased.map_err(|e| e.during(PORT, "lease"))
    }

    async fn deliver(&self, id: MessageId, to: &Email, at: Timestamp) -> PortResult<()> {
        let to = to.clone();
        let delivered = self.database.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "INSERT OR IGNORE INTO deliveries (message, email, address, delivered_at)
                 SELECT number, ?2, ?3, ?4 FROM outbox WHERE id = ?1",
            )?;
            statement.execute(params![id.to_string(), to.folded(), to.as_str(), nanoseconds(at)])?;
            Ok(())
        });
        delivered.await.map_err(|e| e.during(PORT, format!("deliver {id}")))
    }

    async fn reached(&self, to: &Email, from: Timestamp) -> PortResult<u32> {
        let (to, from) = (to.folded().to_owned(), nanoseconds(from));
        let counted = self.database.read(move |connection| {
            let sql = "SELECT count(*) FROM deliveries WHERE email = ?1 AND delivered_at >= ?2";
            Ok(connection.prepare_cached(sql)?.query_row(params![to, from], |row| row.get(0))?)
        });
        counted.await.map_err(|e| e.during(PORT, "count what reached somebody"))
    }

    async fn settle(&self, id: MessageId) -> PortResult<()> {
        let settled = self.database.write(move |connection| {
            let sql = "UPDATE outbox SET due_at = NULL, undeliverable = 0 WHERE id = ?1
                       AND (due_at IS NOT NULL OR undeliverable = 1)";
            connection.prepare_cached(sql)?.execute([id.to_string()])?;
            Ok(())
        });
        settled.await.map_err(|e| e.during(PORT, format!("settle {id}")))
    }

    async fn postpone(&self, id: MessageId, next_at: Option<Timestamp>, trouble: &str) -> PortResult<()> {
        let trouble = trouble.to_owned();
        let postponed = self.database.write(move |connection| {
            // What is settled or given up meanwhile stays so.
            let sql = "UPDATE outbox SET due_at = ?2, undeliverable = ?3, trouble = ?4
                       WHERE id = ?1 AND due_at IS NOT NULL";
            let due_at = next_at.map(nanoseconds);
            connection.prepare_cached(sql)?.execute(params![id.to_string(), due_at, due_at.is_none(), trouble])?;
            Ok(())
        });
        postponed.await.map_err(|e| e.during(PORT, format!("postpone {id}")))
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

    async fn retry(&self, id: MessageId, now: Timestamp) -> PortResult<()> {
        let retried = self.database.write(move |connection| retry(connection, id, now)).await;
        retried.map_err(|e| e.during(PORT, format!("retry {id}")))
    }
}

fn lease(connection: &Connection, now: Timestamp, until: Timestamp, first: u32) -> Result<Vec<Leased>, Error> {
    let mut due = connection.prepare_cached(
        "SELECT number, attempts, body FROM outbox WHERE due_at <= ?1 ORDER BY due_at, number LIMIT ?2",
    )?;
    let mut claim = connection.prepare_cached("UPDATE outbox SET due_at = ?2, attempts = ?3 WHERE number = ?1")?;
    let found = due.query_map(params![nanoseconds(now), first], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let found = found.collect::<Result<Vec<(i64, u32, String)>, _>>()?;
    let lease_one = |(number, attempts, body): (i64, u32, String)| {
        claim.execute(params![number, nanoseconds(until), attempts.saturating_add(1)])?;
        let message: Message = from_json("a message", &body)?;
        Ok(Leased { message, attempts, delivered_to: delivered_to(connection, number)? })
    };
    found.into_iter().map(lease_one).collect()
}

fn delivered_to(connection: &Connection, message: i64) -> Result<Vec<Email>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT address FROM deliveries WHERE message = ?1 ORDER BY delivered_at, email")?;
    let addresses = statement.query_map([message], |row| row.get::<_, String>(0))?;
    addresses.map(|address| Email::parse(address?).map_err(|e| Error::damaged("an address", e))).collect()
}

macro_rules! postings {
    ($which:literal) => {
        concat!("SELECT number, body, attempts, due_at, trouble, undeliverable FROM outbox WHERE ", $which, " LIMIT ?1")
    };
}

fn list(connection: &Connection, drawer: Drawer, first: u32) -> Result<Vec<Posting>, Error> {
    let mut statement = connection.prepare_cached(match drawer {
        // The plus keeps the walk on the short index of what is due, whatever lies settled beside it.
        Drawer::Due => postings!("due_at IS NOT NULL ORDER BY +number"),
        Drawer::Undeliverable => postings!("undeliverable = 1 ORDER BY number"),
        Drawer::Settled => postings!("due_at IS NULL AND undeliverable = 0 ORDER BY number"),
    })?;
    let mut rows = statement.query([first])?;
    let mut postings = Vec::new();
    while let Some(row) = rows.next()? {
        postings.push(read_posting(connection, row)?);
    }
    Ok(postings)
}

fn read_posting(connection: &Connection, row: &Row<'_>) -> Result<Posting, Error> {
    let (due_at, undeliverable): (Option<i64>, bool) = (row.get(3)?, row.get(5)?);
    Ok(Posting {
        message: from_json("a message", &row.get::<_, String>(1)?)?,
        attempts: row.get(2)?,
        next_at: due_at.map(instant_of).transpose()?,
        trouble: row.get(4)?,
        delivered_to: delivered_to(connection, row.get(0)?)?,
        undeliverable,
        settled: due_at.is_none() && !undeliverable,
    })
}

fn retry(connection: &Connection, id: MessageId, now: Timestamp) -> Result<(), Error> {
    let mut statement = connection.prepare_cached("SELECT undeliverable FROM outbox WHERE id = ?1")?;
    let found: Option<bool> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    match found {
        None => return Err(Error::refused(Kind::Missing, format!("there is no message {id}"))),
        Some(false) => return Ok(()),
        Some(true) => {}
    }
    let sql = "UPDATE outbox SET undeliverable = 0, due_at = ?2 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![id.to_string(), nanoseconds(now)])?;
    Ok(())
}
