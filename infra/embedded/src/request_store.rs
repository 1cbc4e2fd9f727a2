//! Requests with their audit chains: one row each, one row an event, one transaction a change.

mod commit;
mod list;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use workflow::domain::audit::Event;
use workflow::domain::change::{Alias, Change};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::PortResult;
use workflow::ports::request_store::{self as port, Census, Commit, Page, Query};

use crate::database::{Database, Error, from_json, signed};

const PORT: &str = "RequestStore";

/// The requests of one machine.
#[derive(Debug, Clone)]
pub struct RequestStore {
    database: Database,
}

impl RequestStore {
    /// The requests in a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl port::RequestStore for RequestStore {
    async fn find(&self, id: RequestId) -> PortResult<Option<Request>> {
        let found = self.database.read(move |connection| find(connection, id)).await;
        found.map_err(|e| e.during(PORT, format!("find {id}")))
    }

    async fn find_alias(&self, notice: RequestId) -> PortResult<Option<(RequestId, Alias)>> {
        let found = self.database.read(move |connection| find_alias(connection, notice)).await;
        found.map_err(|e| e.during(PORT, format!("find_alias {notice}")))
    }

    async fn list(&self, query: &Query) -> PortResult<Page> {
        let page = async {
            let listing = list::Listing::of(query)?;
            self.database.read(move |connection| listing.page(connection)).await
        };
        page.await.map_err(|e| e.during(PORT, "list"))
    }

    async fn census(&self) -> PortResult<Census> {
        self.database.read(list::census).await.map_err(|e| e.during(PORT, "count requests"))
    }

    async fn commit(&self, change: &Change) -> PortResult<Commit> {
        let committed = async {
            let rows = commit::Rows::of(change)?;
            self.database.write(move |connection| rows.commit(connection)).await
        };
        committed.await.map_err(|e| e.during(PORT, format!("commit {} {}", change.after().id, change.event().sequence)))
    }

    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>> {
        let events = self.database.read(move |connection| trail(connection, id, after, first)).await;
        events.map_err(|e| e.during(PORT, format!("trail {id}")))
    }
}

fn find(connection: &Connection, id: RequestId) -> Result<Option<Request>, Error> {
    let mut statement = connection.prepare_cached("SELECT body FROM requests WHERE id = ?1")?;
    let body: Option<String> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    body.map(|body| from_json("a request", &body)).transpose()
}

fn find_alias(connection: &Connection, notice: RequestId) -> Result<Option<(RequestId, Alias)>, Error> {
    let mut statement = connection.prepare_cached("SELECT request, body FROM aliases WHERE notice = ?1")?;
    let found = statement.query_row([notice.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)));
    let Some((request, body)) = found.optional()? else { return Ok(None) };
    let request = request.parse().map_err(|e| Error::damaged("the request of a notice", e))?;
    Ok(Some((request, Alias { notice, body })))
}

fn trail(connection: &Connection, id: RequestId, after: u64, first: u32) -> Result<Vec<Event>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT events.body FROM requests JOIN events ON events.request = requests.number
         WHERE requests.id = ?1 AND events.sequence > ?2 ORDER BY events.sequence LIMIT ?3",
    )?;
    let mut rows = statement.query(params![id.to_string(), signed(after), first])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(from_json("an event", row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(events)
}
