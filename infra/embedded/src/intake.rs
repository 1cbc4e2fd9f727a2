//! What came in and could not be taken, each body once.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;
use workflow::domain::digest::Digest;
use workflow::ports::PortResult;
use workflow::ports::intake::{self as port, Quarantined};

use crate::database::{Database, Error, instant_of, nanoseconds};

const PORT: &str = "Intake";

/// The quarantine of one machine.
#[derive(Debug, Clone)]
pub struct Intake {
    database: Database,
}

impl Intake {
    /// The quarantine in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl port::Intake for Intake {
    async fn quarantine(&self, item: &Quarantined) -> PortResult<()> {
        let id = item.id;
        let (item, digest) = (item.clone(), Digest::of(item.body.as_bytes()));
        let kept = self.database.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "INSERT INTO quarantine (id, came_at, digest, reason, body) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason",
            )?;
            let came_at = nanoseconds(item.at);
            statement.execute(params![item.id.to_string(), came_at, digest.to_string(), item.reason, item.body])?;
            Ok(())
        });
        kept.await.map_err(|e| e.during(PORT, format!("quarantine {id}")))
    }

    async fn list(&self, first: u32) -> PortResult<Vec<Quarantined>> {
        let listed = self.database.read(move |connection| {
            let sql = "SELECT id, came_at, reason, body FROM quarantine ORDER BY came_at, number LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([first])?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                items.push(read_item(row)?);
            }
            Ok(items)
        });
        listed.await.map_err(|e| e.during(PORT, "list"))
    }

    async fn count(&self) -> PortResult<u64> {
        let sql = "SELECT count(*) FROM quarantine";
        let counted =
            self.database.read(move |c| Ok(c.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?));
        Ok(counted.await.map_err(|e| e.during(PORT, "count"))?.unsigned_abs())
    }

    async fn find(&self, id: Uuid) -> PortResult<Option<Quarantined>> {
        let found = self.database.read(move |connection| find(connection, id)).await;
        found.map_err(|e| e.during(PORT, format!("find {id}")))
    }

    async fn release(&self, id: Uuid) -> PortResult<()> {
        let released = self.database.write(move |connection| {
            connection.prepare_cached("DELETE FROM quarantine WHERE id = ?1")?.execute([id.to_string()])?;
            Ok(())
        });
        released.await.map_err(|e| e.during(PORT, format!("release {id}")))
    }
}

fn find(connection: &Connection, id: Uuid) -> Result<Option<Quarantined>, Error> {
    let mut statement = connection.prepare_cached("SELECT id, came_at, reason, body FROM quarantine WHERE id = ?1")?;
    statement.query_row([id.to_string()], |row| Ok(read_item(row))).optional()?.transpose()
}

fn read_item(row: &Row<'_>) -> Result<Quarantined, Error> {
    let id: String = row.get(0)?;
    Ok(Quarantined {
        id: id.parse().map_err(|e| Error::damaged("the name of a quarantined item", e))?,
        at: instant_of(row.get(1)?)?,
        reason: row.get(2)?,
        body: row.get(3)?,
    })
}
