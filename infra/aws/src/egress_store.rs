//! The upstream platform's egress stores: of its table, `status` and nothing else is written, and no row is ever made.

use async_trait::async_trait;
use workflow::domain::id::RequestId;
use workflow::domain::outward::UpstreamStatus;
use workflow::domain::text::StoreId;
use workflow::ports::{Kind, PortResult, egress_store as port};

use crate::clients::Clients;
use crate::failure::{Failure, Outcome};
use crate::row::Row;
use crate::settings::Settings;
use crate::table::{Table, Terms, Transaction};

const PORT: &str = "EgressStore";
const SET_STATUS: &str = "SET #status = :status";

/// The platform's stores. Which request claimed one last, the ledger knows: the platform's table has no room for it.
#[derive(Debug, Clone)]
pub struct EgressStore {
    platform: Table,
    ledger: Table,
}

impl EgressStore {
    /// The stores in the platform's table.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        let table = |name: &str| Table::new(clients.dynamodb.clone(), name);
        Self { platform: table(&settings.tables.egress_stores), ledger: table(&settings.tables.ledger) }
    }

    async fn find_status(&self, store: &StoreId) -> Outcome<Option<String>> {
        let row = self.platform.get(row(store)).await?;
        Ok(row.and_then(|row| row.find("status").map(str::to_owned)))
    }

    async fn take(&self, store: &StoreId, request: RequestId) -> Outcome<()> {
        let free = Terms::of("#status = :free").with_text("free", UpstreamStatus::Pending.as_str());
        let free = free.with_text("status", UpstreamStatus::Processing.as_str());
        let transaction = Transaction::default().update(&self.platform, row(store), SET_STATUS, free)?;
        let claimed = claim(store).text("request", request.to_string());
        let transaction = transaction.put(&self.ledger, claimed, Terms::none())?;
        match transaction.commit(&self.platform).await? {
            Ok(()) => Ok(()),
            Err(_) => self.why_not(store, request).await,
        }
    }

    /// Why a store could not be claimed; nothing is wrong if it is the request's already.
    async fn why_not(&self, store: &StoreId, request: RequestId) -> Outcome<()> {
        let missing = || Failure::refused(Kind::Missing, format!("the platform has no store {store}"));
        let status = self.find_status(store).await?.ok_or_else(missing)?;
        let claimed = self.ledger.get(claim(store)).await?;
        let is_mine = claimed.is_some_and(|row| row.find("request") == Some(&request.to_string()));
        match UpstreamStatus::parse(&status) {
            Some(UpstreamStatus::Processing) if is_mine => Ok(()),
            Some(UpstreamStatus::Processed) => {
                Err(Failure::refused(Kind::Conflict, format!("the content of store {store} was released")))
            }
            Some(UpstreamStatus::Pending) => Err(Failure::busy("the store came free in this moment")),
            Some(UpstreamStatus::Processing) | None => {
                Err(Failure::refused(Kind::Conflict, format!("another request works on store {store} ({status})")))
            }
        }
    }

    async fn give(&self, store: &StoreId, request: RequestId, status: UpstreamStatus) -> Outcome<bool> {
        let mine = Terms::of("#request = :request").with_text("request", request.to_string());
        let there = Terms::of("attribute_exists(#id)").with_text("status", status.as_str());
        let transaction = Transaction::default().update(&self.platform, row(store), SET_STATUS, there)?;
        let transaction = transaction.check(&self.ledger, claim(store), mine)?;
        Ok(transaction.commit(&self.platform).await?.is_ok())
    }
}

/// The key of the platform's row.
fn row(store: &StoreId) -> Row {
    Row::default().text("id", store.to_string())
}

/// The key of the row in the ledger that says which request claimed a store last.
fn claim(store: &StoreId) -> Row {
    Row::new(format!("store#{store}"), "claim")
}

#[async_trait]
impl port::EgressStore for EgressStore {
    async fn claim(&self, store: &StoreId, request: RequestId) -> PortResult<()> {
        self.take(store, request).await.map_err(|e| e.during(PORT, format!("claim {store} for {request}")))
    }

    async fn free(&self, store: &StoreId, request: RequestId, status: UpstreamStatus) -> PortResult<bool> {
        let freed = self.give(store, request, status).await;
        freed.map_err(|e| e.during(PORT, format!("free {store} of {request}")))
    }

    async fn status(&self, store: &StoreId) -> PortResult<Option<String>> {
        self.find_status(store).await.map_err(|e| e.during(PORT, format!("status {store}")))
    }
}
