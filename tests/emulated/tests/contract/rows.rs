//! The adapters whose home is DynamoDB, each on tables of its own.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use infra_aws::{AccessLog, EgressStore, Intake, Outbox, People, Policies, RequestStore};
use tests::contract::egress_store::{Platform, Stores};
use tests::contract::{Records, Subject};
use tests_emulated::Installation;
use workflow::domain::text::StoreId;
use workflow::ports;

pub(crate) async fn records() -> Subject<Records> {
    let installation = Installation::of_tables().await;
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

pub(crate) async fn stores() -> Subject<Stores> {
    let installation = Installation::of_tables().await;
    let egress_stores = Arc::new(EgressStore::new(&installation.settings, &installation.clients));
    let table = installation.settings.tables.egress_stores.clone();
    let platform = Arc::new(Workbench { client: installation.clients.dynamodb.clone(), table });
    Subject::new(Arc::new(Stores { egress_stores, platform }), installation)
}

macro_rules! subjects {
    ($($name:ident: $port:ident;)*) => {$(
        pub(crate) async fn $name() -> Subject<dyn ports::$port> {
            let installation = Installation::of_tables().await;
            Subject::new(Arc::new($port::new(&installation.settings, &installation.clients)), installation)
        }
    )*};
}

subjects! {
    people: People;
    policies: Policies;
    intake: Intake;
    access_log: AccessLog;
}
