//! An installation: tables, buckets and keys in the stand-ins, and the adapters' way to them.

mod table;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use infra_aws::{Clients, SETTINGS, Settings};

use crate::{Dynamo, Moto};

/// The region that is played.
pub const REGION: &str = "eu-west-2";
/// The account that is played.
pub const ACCOUNT: &str = "123456789012";
/// Where nobody answers.
const NOBODY: &str = "http://127.0.0.1:9";

/// Stand-ins with an installation in them. They end with it.
pub struct Installation {
    /// What it is told about its account.
    pub settings: Settings,
    /// The way to the stand-ins.
    pub clients: Clients,
    _dynamo: Option<Dynamo>,
    moto: Option<Moto>,
}

impl Installation {
    /// One that has tables and nothing else.
    pub async fn of_tables() -> Self {
        let dynamo = Dynamo::start().await;
        let clients = clients(&dynamo.url, NOBODY).await;
        let settings = settings();
        table::create_all(&clients.dynamodb, &settings).await;
        Self { settings, clients, _dynamo: Some(dynamo), moto: None }
    }

    /// One that has everything but tables.
    pub async fn of_services() -> Self {
        let moto = Moto::start();
        let clients = clients(NOBODY, &moto.url).await;
        Self { settings: settings(), clients, _dynamo: None, moto: Some(moto) }
    }

    /// The address of the stand-in for everything but DynamoDB.
    pub fn services(&self) -> &str {
        self.moto.as_ref().map_or(NOBODY, |moto| &moto.url)
    }

    /// Makes a queue and gives its address. The house has no client for queues: the workflow alone speaks to this one.
    pub async fn make_queue(&self, name: &str) -> String {
        let scope =
            format!("AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/sqs/aws4_request, SignedHeaders=, Signature=");
        let call = reqwest::Client::new().post(self.services()).header("authorization", scope);
        let call =
            call.header("x-amz-target", "AmazonSQS.CreateQueue").header("content-type", "application/x-amz-json-1.0");
        let answer = call.body(serde_json::json!({ "QueueName": name }).to_string()).send().await.expect("an answer");
        let answer: serde_json::Value = answer.json().await.expect("an answer in JSON");
        answer["QueueUrl"].as_str().unwrap_or_else(|| panic!("no queue: {answer}")).to_owned()
    }

    /// Makes the buckets, each with versions.
    pub async fn with_buckets(self) -> Self {
        let buckets = &self.settings.buckets;
        for bucket in [&buckets.staging, &buckets.records, &buckets.release, &buckets.uploads] {
            make_bucket(&self.clients.s3, bucket).await;
        }
        self
    }
}

/// Makes a bucket with versions.
pub async fn make_bucket(s3: &aws_sdk_s3::Client, name: &str) {
    use aws_sdk_s3::types::{
        BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
    };
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(REGION));
    s3.create_bucket().bucket(name).create_bucket_configuration(place.build()).send().await.expect("a new bucket");
    let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket(name).versioning_configuration(versions).send().await.expect("versions");
}

/// Clients that go to DynamoDB at one address and to everything else at another.
pub async fn clients(dynamodb: &str, others: &str) -> Clients {
    let all = configuration(others).await;
    let own = aws_sdk_dynamodb::Client::new(&configuration(dynamodb).await);
    Clients { dynamodb: own, ..Clients::of(&all) }
}

async fn configuration(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::for_tests())
        .http_client(infra_aws::http_client())
        .endpoint_url(url)
        .load()
        .await
}

/// Names for everything: of a table its word, of a bucket its word, of the rest its setting.
fn settings() -> Settings {
    let read = |name: &str| {
        SETTINGS.contains(&name).then(|| {
            let word = name.trim_start_matches("LOCKGATE_").to_lowercase().replace('_', "-");
            match name {
                "LOCKGATE_STATE_MACHINE" => format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:lockgate"),
                _ => format!("lockgate-{word}"),
            }
        })
    };
    Settings::read(read).expect("every setting is there")
}
