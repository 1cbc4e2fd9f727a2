//! The upstream platform's stores, as this house knows them: entered by `source load`, then kept in step.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use workflow::domain::id::RequestId;
use workflow::domain::outward::UpstreamStatus;
use workflow::domain::text::StoreId;
use workflow::ports::{Kind, PortResult, egress_store as port};

use crate::database::{Database, Error};

const PORT: &str = "EgressStore";

/// The stores that one machine knows.
#[derive(Debug, Clone)]
pub struct EgressStore {
    database: Database,
}

impl EgressStore {
    /// The stores in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Enters a store, as the platform does when a researcher makes one: free. Again: nothing.
    pub async fn enter(&self, store: &StoreId) -> PortResult<()> {
        let id = store.to_string();
        let entered = self.database.write(move |connection| {
            let sql = "INSERT OR IGNORE INTO egress_stores (id, status) VALUES (?1, ?2)";
            connection.prepare_cached(sql)?.execute([id.as_str(), UpstreamStatus::Pending.as_str()])?;
            Ok(())
        });
        entered.await.map_err(|e| e.during(PORT, format!("enter {store}")))
    }
}

#[async_trait]
impl port::EgressStore for EgressStore {
    async fn claim(&self, store: &StoreId, request: RequestId) -> PortResult<()> {
        let (id, by) = (store.to_string(), request.to_string());
        let claimed = self.database.write(move |connection| claim(connection, &id, &by));
        claimed.await.map_err(|e| e.during(PORT, format!("claim {store} for {request}")))
    }

    async fn free(&self, store: &StoreId, request: RequestId, status: UpstreamStatus) -> PortResult<bool> {
        let (id, by) = (store.to_string(), request.to_string());
        let freed = self.database.write(move |connection| {
            let sql = "UPDATE egress_stores SET status = ?3 WHERE id = ?1 AND request = ?2";
            let rows = connection.prepare_cached(sql)?.execute(params![id, by, status.as_str()])?;
            Ok(rows > 0)
        });
        freed.await.map_err(|e| e.during(PORT, format!("free {store} of {request}")))
    }

    async fn status(&self, store: &StoreId) -> PortResult<Option<String>> {
        let id = store.to_string();
        let found = self.database.read(move |connection| Ok(find(connection, &id)?.map(|(status, _)| status)));
        found.await.map_err(|e| e.during(PORT, format!("status {store}")))
    }
}

/// The status of a store and the request that claimed it last.
fn find(connection: &Connection, store: &str) -> Result<Option<(String, Option<String>)>, Error> {
    let mut statement = connection.prepare_cached("SELECT status, request FROM egress_stores WHERE id = ?1")?;
    Ok(statement.query_row([store], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn claim(connection: &Connection, store: &str, request: &str) -> Result<(), Error> {
    let (status, claimed_by) =
        find(connection, store)?.ok_or_else(|| Error::refused(Kind::Missing, format!("there is no store {store}")))?;
    let is_mine = claimed_by.as_deref() == Some(request);
    match UpstreamStatus::parse(&status) {
        Some(UpstreamStatus::Processing) if is_mine => return Ok(()),
        Some(UpstreamStatus::Pending) => {}
        Some(UpstreamStatus::Processed) => {
            return Err(Error::refused(Kind::Conflict, format!("the content of store {store} was released")));
        }
        Some(UpstreamStatus::Processing) | None => {
            return Err(Error::refused(Kind::Conflict, format!("another request works on store {store}")));
        }
    }
    let sql = "UPDATE egress_stores SET status = ?2, request = ?3 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![store, UpstreamStatus::Processing.as_str(), request])?;
    Ok(())
}
