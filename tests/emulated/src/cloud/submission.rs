//! The platform upstream: its buckets, its table, and the notices that it sends.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use serde_json::{Value, json};
use tests::builders::{NOTICE, request_id};
use workflow::domain::id::RequestId;
use workflow::domain::notice::Notice;

use super::Cloud;
use crate::installation::make_bucket;

/// What a researcher takes out: path and content.
const FILES: [(&str, &str); 3] = [
    ("tables/counts.csv", "region,count\nnorth,112\nsouth,98\n"),
    ("tables/means.csv", "region,mean\nnorth,4.1\nsouth,3.9\n"),
    ("read me.txt", "Counts below ten are suppressed.\n"),
];

impl Cloud {
    pub(super) async fn make_platform(&self) {
        let notice = Notice::parse(NOTICE.as_bytes()).expect("the sample is a notice");
        make_bucket(&self.clients.s3, notice.bucket.as_str()).await;
        make_bucket(&self.clients.s3, notice.list_bucket.as_str()).await;
        let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build();
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build();
        let table =
            self.clients.dynamodb.create_table().table_name(&self.stores).billing_mode(BillingMode::PayPerRequest);
        let table = table.attribute_definitions(id.expect("a definition")).key_schema(key.expect("a key"));
        table.send().await.expect("the platform's table");
    }

    /// What the platform does for a submission of a store of its own. Answers the notice.
    pub async fn prepare(&self, number: u64) -> (RequestId, Value) {
        self.prepare_of(number, number).await
    }

    /// What the platform does for a submission of a store: it keeps the files, writes the version list and the store's
    /// row. Answers the notice.
    pub async fn prepare_of(&self, number: u64, store: u64) -> (RequestId, Value) {
        let id = request_id(number);
        let store = format!("8c1f0c5e-6c1b-4a3a-9d5e-{store:012x}");
        let mut notice: Value = serde_json::from_str(NOTICE).expect("the sample is JSON");
        let list = notice["egress_store_object_list_location"].as_str().expect("a location").to_owned();
        let old = notice["egress_store_id"].as_str().expect("a store").to_owned();
        notice["id"] = json!(id.to_string());
        notice["egress_store_object_list_location"] = json!(list.replace(&old, &store));
        for name in ["egress_store_id", "workspace_id"] {
            notice[name] = json!(store);
        }
        notice["s3_bucketpath"] = json!(format!("{store}/"));
        let parsed = Notice::parse(notice.to_string().as_bytes()).expect("it is a notice");
        self.keep(&parsed).await;
        self.enter_store(&store).await;
        (id, notice)
    }

    /// Writes the row of a store.
    pub async fn enter_store(&self, store: &str) {
        let put = self.clients.dynamodb.put_item().table_name(&self.stores);
        let put = put.item("id", AttributeValue::S(store.to_owned()));
        put.item("status", AttributeValue::S("PENDING".to_owned())).send().await.expect("the store's row");
    }

    /// Deletes the row of a store.
    pub async fn forget_store(&self, store: &str) {
        let delete = self.clients.dynamodb.delete_item().table_name(&self.stores);
        delete.key("id", AttributeValue::S(store.to_owned())).send().await.expect("the store's row is gone");
    }

    async fn keep(&self, notice: &Notice) {
        let mut objects = Vec::new();
        for (path, content) in FILES {
            let key = format!("{}{path}", notice.folder);
            let put = self.clients.s3.put_object().bucket(notice.bucket.as_str()).key(&key);
            let kept = put.body(content.as_bytes().to_vec().into()).send().await.expect("a file is kept");
            objects.push(json!({
                "Key": key, "LastModified": "2026-03-03T15:40:15.000Z", "ETag": kept.e_tag(), "Size": content.len(),
                "StorageClass": "STANDARD", "VersionId": kept.version_id(),
            }));
        }
        let list = json!({ "objects": objects }).to_string();
        let put = self.clients.s3.put_object().bucket(notice.list_bucket.as_str()).key(&notice.list_key);
        put.body(list.into_bytes().into()).send().await.expect("the list is kept");
    }

    /// Submits, and brings the notice as SNS and SQS do.
    pub async fn submit(&self, number: u64) -> RequestId {
        let (id, notice) = self.prepare(number).await;
        let failed = self.bring(&[notice.to_string()]).await;
        assert_eq!(failed, json!([]));
        id
    }

    /// Brings messages in one batch, and answers those that are to be brought again.
    pub async fn bring(&self, messages: &[String]) -> Value {
        let records = messages.iter().enumerate().map(|(number, message)| {
            let body = json!({ "Type": "Notification", "Message": message }).to_string();
            json!({ "messageId": number.to_string(), "body": body })
        });
        let event = json!({ "Records": records.collect::<Vec<_>>() });
        self.call("Receive", &event).await["batchItemFailures"].clone()
    }
}
