//! The tables, as the template has them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use infra_aws::Settings;

/// A key or an index: its attributes, the second of them sorts.
type Key = (&'static str, Option<&'static str>);
/// An index, its key, and whether it holds whole rows.
type Index = (&'static str, Key, bool);

const PLAIN: Key = ("id", Some("sort"));
const LIST: Index = ("list", ("list", Some("place")), false);

/// Makes every table of an installation.
pub(super) async fn create_all(client: &Client, settings: &Settings) {
    let names = &settings.tables;
    let of_requests = [
        ("all", ("listed", Some("place")), false),
        ("open", ("open", Some("place")), false),
        ("status", ("status", Some("place")), false),
        ("project", ("project_id", Some("place")), false),
        ("store", ("swb_egress_store_id", Some("place")), false),
        ("waiting", ("waiting_for", Some("place")), false),
        ("due", ("due", Some("due_place")), false),
    ];
    let of_outbox =
        [LIST, ("due", ("due", Some("due_place")), false), ("reached", ("email", Some("delivered_at")), false)];
    create(client, &names.requests, ("egress_request_id", None), &of_requests).await;
    create(client, &names.outbox, PLAIN, &of_outbox).await;
    create(client, &names.sessions, PLAIN, &[("list", ("list", Some("place")), true)]).await;
    for table in [&names.directory, &names.intake] {
        create(client, table, PLAIN, &[LIST]).await;
    }
    for table in [&names.ledger, &names.policies, &names.access, &names.uploads] {
        create(client, table, PLAIN, &[]).await;
    }
    // The platform's own.
    create(client, &names.egress_stores, ("id", None), &[("WorkspaceIdIndex", ("workspaceId", None), true)]).await;
}

async fn create(client: &Client, name: &str, key: Key, indexes: &[Index]) {
    let keys = indexes.iter().map(|(_, key, _)| *key).chain([key]);
    let mut attributes: Vec<&str> = keys.flat_map(|(first, second)| [Some(first), second]).flatten().collect();
    attributes.sort_unstable();
    attributes.dedup();
    let attribute = |name: &&str| {
        let text = AttributeDefinition::builder().attribute_name(*name).attribute_type(ScalarAttributeType::S);
        text.build().expect("an attribute")
    };
    let indexes: Vec<_> = indexes.iter().map(index).collect();
    let call = client.create_table().table_name(name).set_key_schema(Some(schema(key)));
    let call = call.set_attribute_definitions(Some(attributes.iter().map(attribute).collect()));
    let call = call.set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes));
    call.billing_mode(BillingMode::PayPerRequest).send().await.expect("a new table");
}

fn index((name, key, whole): &Index) -> GlobalSecondaryIndex {
    let holds = if *whole { ProjectionType::All } else { ProjectionType::KeysOnly };
    let projection = Projection::builder().projection_type(holds).build();
    let index = GlobalSecondaryIndex::builder().index_name(*name).set_key_schema(Some(schema(*key)));
    index.projection(projection).build().expect("an index")
}

fn schema((hash, range): Key) -> Vec<KeySchemaElement> {
    let element = |name: &str, key: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(key).build().expect("a part of a key")
    };
    [Some(element(hash, KeyType::Hash)), range.map(|name| element(name, KeyType::Range))]
        .into_iter()
        .flatten()
        .collect()
}
