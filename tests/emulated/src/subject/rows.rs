//! The adapters whose home is `DynamoDB`, each on tables of its own.

use std::sync::Arc;

use crate::{Installation, Way};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use infra_aws::{AccessLog, EgressStore, Intake, Outbox, People, Policies, RequestStore, Sessions};
use tests::contract::egress_store::{Platform, Stores};
use tests::contract::{Records, Subject};
use workflow::domain::text::StoreId;
use workflow::ports;

/// Requests and their outbox.
pub async fn records(way: Way) -> Subject<Records> {
    let installation = Installation::of_tables(way).await;
    let requests = Arc::new(RequestStore::new(&installation.settings, &installation.clients));
    let outbox = Arc::new(Outbox::new(&installation.settings, &installation.clients));
    Subject::new(Arc::new(Records { requests, outbox }), installation)
}

/// The platform, which writes rows of its own shape.
struct Workbench {
    client: Client,
    table: String,
}

#[async_trait]
impl Platform for Workbench {
    async fn enter(&self, store: &StoreId) {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let call = self.client.put_item().table_name(&self.table).item("id", text(store.as_str()));
        let call = call.item("status", text("PENDING")).item("ver", AttributeValue::N("1".to_owned()));
        let call = call.item("isAbleToSubmitEgressRequest", AttributeValue::Bool(true));
        call.item("workspaceId", text(store.as_str())).send().await.unwrap();
    }
}

/// The platform's stores, and the platform.
pub async fn stores(way: Way) -> Subject<Stores> {
    let installation = Installation::of_tables(way).await;
    let egress_stores = Arc::new(EgressStore::new(&installation.settings, &installation.clients));
    let table = installation.settings.tables.egress_stores.clone();
    let platform = Arc::new(Workbench { client: installation.straight.dynamodb.clone(), table });
    Subject::new(Arc::new(Stores { egress_stores, platform }), installation)
}

macro_rules! subjects {
    ($($(#[$doc:meta])* $name:ident: $port:ident;)*) => {$(
        $(#[$doc])*
        pub async fn $name(way: Way) -> Subject<dyn ports::$port> {
            let installation = Installation::of_tables(way).await;
            Subject::new(Arc::new($port::new(&installation.settings, &installation.clients)), installation)
        }
    )*};
}

subjects! {
    /// The directory.
    people: People;
    /// Policies.
    policies: Policies;
    /// The quarantine.
    intake: Intake;
    /// The access log.
    access_log: AccessLog;
    /// Accounts, sessions and keys.
    sessions: Sessions;
}
