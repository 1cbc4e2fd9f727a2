//! Requests with their audit chains: a row each under the predecessor's key, an event a row, one transaction a change.

mod commit;
mod list;
mod outward;

use async_trait::async_trait;
use workflow::domain::audit::Event;
use workflow::domain::change::{Alias, Change};
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::ports::PortResult;
use workflow::ports::request_store::{self as port, Commit, Page, Query};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome};
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Ask, Table, Terms};

const PORT: &str = "RequestStore";

/// The requests of an installation.
///
/// A row holds the request as JSON, beside it what the predecessor's readers look for and what the lists are sorted
/// by. The ledger holds what a change writes beside its request: its event, the notice that it answers, the store that
/// it holds, who asked.
#[derive(Debug, Clone)]
pub struct RequestStore {
    requests: Table,
    ledger: Table,
    outbox: Table,
}

impl RequestStore {
    /// The requests in an installation's tables.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let table = |name: &str| Table::new(clients.dynamodb.clone(), name);
        let names = &settings.tables;
        Self { requests: table(&names.requests), ledger: table(&names.ledger), outbox: table(&names.outbox) }
    }

    async fn find_request(&self, id: RequestId) -> Outcome<Option<Request>> {
        self.requests.get(key(id)).await?.as_ref().map(read).transpose()
    }

    async fn find_answer(&self, notice: RequestId) -> Outcome<Option<(RequestId, Alias)>> {
        let Some(row) = self.ledger.get(answer(notice)).await? else { return Ok(None) };
        Ok(Some((row.parse("request")?, Alias { notice, body: row.get("body")?.to_owned() })))
    }

    async fn events(&self, id: RequestId, after: u64, first: u32) -> Outcome<Vec<Event>> {
        let keys = Terms::of("#id = :id AND #sort > :after");
        let keys = keys.with_text("id", format!("request#{id}")).with_text("after", sequence(after));
        let rows = self.ledger.list(&Ask::of(keys), usize::try_from(first).unwrap_or(usize::MAX)).await?;
        rows.iter().map(|row| row.read("body")).collect()
    }
}

#[async_trait]
impl port::RequestStore for RequestStore {
    async fn find(&self, id: RequestId) -> PortResult<Option<Request>> {
        self.find_request(id).await.map_err(|e| e.during(PORT, format!("find {id}")))
    }

    async fn find_alias(&self, notice: RequestId) -> PortResult<Option<(RequestId, Alias)>> {
        self.find_answer(notice).await.map_err(|e| e.during(PORT, format!("find_alias {notice}")))
    }

    async fn list(&self, query: &Query) -> PortResult<Page> {
        self.page(query).await.map_err(|e| e.during(PORT, "list"))
    }

    async fn commit(&self, change: &Change) -> PortResult<Commit> {
        let operation = || format!("commit {} {}", change.after().id, change.event().sequence);
        self.write(change).await.map_err(|e| e.during(PORT, operation()))
    }

    async fn trail(&self, id: RequestId, after: u64, first: u32) -> PortResult<Vec<Event>> {
        if first == 0 {
            return Ok(Vec::new());
        }
        self.events(id, after, first).await.map_err(|e| e.during(PORT, format!("trail {id}")))
    }
}

/// The key of a request's row.
fn key(id: RequestId) -> Row {
    Row::default().text("egress_request_id", id.to_string())
}

fn read(row: &Row) -> Outcome<Request> {
    if row.find("body").is_none() {
        let id = row.find("egress_request_id").unwrap_or_default();
        let why = format!("request {id} was written by the predecessor. It is left as it is; its own workflow ends it");
        return Err(Failure::damaged("the request", why));
    }
    row.read("body")
}

/// The key of an event's row in the ledger.
fn event(id: RequestId, number: u64) -> Row {
    Row::new(format!("request#{id}"), sequence(number))
}

fn sequence(number: u64) -> String {
    format!("{number:012}")
}

/// The key of the row in the ledger that says who answered a notice.
fn answer(notice: RequestId) -> Row {
    Row::new(format!("notice#{notice}"), "answer")
}
