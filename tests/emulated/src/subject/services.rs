//! The adapters whose home is S3, KMS or SES.

use std::sync::Arc;

use crate::installation::make_bucket;
use crate::proxy::{Plan, Request, Trouble, every_trouble};
use crate::{Installation, Way};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use infra_aws::{Keys, Mailer, ObjectStore};
use tests::contract::Subject;
use tests::contract::mailer::{Mailbox, Post};
use tests::contract::object_store::{Files, Researcher};
use workflow::ports;
use workflow::ports::object_store::{Area, ObjectVersion};

/// Whoever works in a workspace, and writes into the platform's bucket.
struct Workspace {
    s3: Client,
}

#[async_trait]
impl Researcher for Workspace {
    async fn upload(&self, key: &str, bytes: &[u8]) -> ObjectVersion {
        let (bucket, rest) = key.split_once('/').unwrap();
        let call = self.s3.put_object().bucket(bucket).key(rest).body(ByteStream::from(bytes.to_vec()));
        let version = call.send().await.unwrap().version_id.unwrap();
        ObjectVersion { area: Area::Source, key: key.to_owned(), version }
    }

    async fn remove(&self, key: &str) {
        let (bucket, key) = key.split_once('/').unwrap();
        self.s3.delete_object().bucket(bucket).key(key).send().await.unwrap();
    }
}

/// Files, and whoever fills the source area.
pub async fn files(way: Way) -> Subject<Files> {
    // An answer to a begin that is lost leaves an assembly that nobody knows of: the sweep's to find, and no contract's.
    let plan: Plan = Arc::new(|request: &Request, number| match every_trouble()(request, number) {
        Trouble::LostAnswer if request.call() == "POST uploads" => Trouble::Reset,
        trouble => trouble,
    });
    let installation = Installation::of_services_with(way, plan).await.with_buckets().await;
    make_bucket(&installation.straight.s3, "bucket").await;
    let objects = Arc::new(ObjectStore::new(&installation.settings, &installation.clients));
    let researcher = Arc::new(Workspace { s3: installation.straight.s3.clone() });
    Subject::new(Arc::new(Files { objects, researcher }), installation)
}

/// What SES took, as the stand-in keeps it.
struct Sent {
    url: String,
}

#[async_trait]
impl Mailbox for Sent {
    async fn arrived(&self) -> Vec<Vec<u8>> {
        let data = tests::client::client().get(format!("{}/moto-api/data.json", self.url)).send().await.unwrap();
        let data: serde_json::Value = data.json().await.unwrap();
        let mails = data["ses"]["RawMessage"].as_array().cloned().unwrap_or_default();
        mails.iter().map(|mail| mail["raw_data"].as_str().unwrap().as_bytes().to_vec()).collect()
    }
}

/// Mails, and where they arrive.
pub async fn post(way: Way) -> Subject<Post> {
    let installation = Installation::of_services(way).await;
    installation.straight.ses.verify_email_identity().email_address("gate@example.org").send().await.unwrap();
    let mailer = Arc::new(Mailer::new(&installation.settings, &installation.clients));
    let mailbox = Arc::new(Sent { url: installation.services().to_owned() });
    Subject::new(Arc::new(Post { mailer, mailbox }), installation)
}

/// Keys.
pub async fn keys(way: Way) -> Subject<dyn ports::Sealer> {
    let installation = Installation::of_services(way).await.with_keys().await;
    let keys = Keys::new(&installation.settings, &installation.clients);
    Subject::new(Arc::new(keys), installation)
}
