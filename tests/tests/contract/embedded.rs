//! The adapters of one machine, each on a new database of its own.

#![expect(clippy::unused_async, reason = "a contract waits for what it is run on: other houses take their time")]

pub(crate) mod engine;
pub(crate) mod files;

use std::sync::Arc;

use async_trait::async_trait;
use infra_embedded::database::Mode;
use infra_embedded::{AccessLog, Database, EgressStore, Intake, Outbox, People, Policies, RequestStore, Sessions};
use tempfile::TempDir;
use tests::contract::egress_store::{Platform, Stores};
use tests::contract::{Records, Subject};
use workflow::domain::text::StoreId;
use workflow::ports;

fn database() -> (Database, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Database::open(&folder.path().join("lockgate.db"), Mode::ReadWrite).unwrap(), folder)
}

pub(crate) async fn records() -> Subject<Records> {
    let (database, folder) = database();
    let requests = Arc::new(RequestStore::new(database.clone()));
    Subject::new(Arc::new(Records { requests, outbox: Arc::new(Outbox::new(database)) }), folder)
}

struct Loader(EgressStore);

#[async_trait]
impl Platform for Loader {
    async fn enter(&self, store: &StoreId) {
        self.0.enter(store).await.unwrap();
    }
}

pub(crate) async fn stores() -> Subject<Stores> {
    let (database, folder) = database();
    let egress_stores = EgressStore::new(database);
    let platform = Arc::new(Loader(egress_stores.clone()));
    Subject::new(Arc::new(Stores { egress_stores: Arc::new(egress_stores), platform }), folder)
}

macro_rules! subjects {
    ($($name:ident: $port:ident;)*) => {$(
        pub(crate) async fn $name() -> Subject<dyn ports::$port> {
            let (database, folder) = database();
            Subject::new(Arc::new($port::new(database)), folder)
        }
    )*};
}

subjects! {
    people: People;
    policies: Policies;
    intake: Intake;
    access_log: AccessLog;
    sessions: Sessions;
}
