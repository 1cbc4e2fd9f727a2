//! An installation: tables, buckets and keys in the stand-ins, and the adapters' way to them.

mod table;

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use infra_aws::{Clients, SETTINGS, Settings};

use crate::proxy::{self, Plan, Proxy, Trouble};
use crate::{Dynamo, Moto};

/// The region that is played.
pub const REGION: &str = "eu-west-2";
/// The account that is played.
pub const ACCOUNT: &str = "123456789012";
/// Where nobody answers.
const NOBODY: &str = "http://127.0.0.1:9";

/// How the adapters get to the stand-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nothing lies between.
    Straight,
    /// Every call is noted, and nothing goes wrong.
    Noted,
    /// Everything goes wrong once.
    Troubled,
}

/// Stand-ins with an installation in them. They end with it.
pub struct Installation {
    /// What it is told about its account.
    pub settings: Settings,
    /// The adapters' way to the stand-ins.
    pub clients: Clients,
    /// The way of everybody else: the platform, researchers, whoever sets the account up.
    pub straight: Clients,
    /// What lies between the adapters and the stand-ins, where something does.
    pub proxies: Vec<Proxy>,
    /// Kept as long as the installation.
    dynamo: Option<Dynamo>,
    moto: Option<Moto>,
}

impl Installation {
    /// One that has tables and nothing else.
    pub async fn of_tables(way: Way) -> Self {
        let dynamo = Dynamo::start().await;
        let settings = settings();
        let straight = clients(&dynamo.url, NOBODY).await;
        table::create_all(&straight.dynamodb, &settings).await;
        let proxies: Vec<Proxy> = way.to(&dynamo.url, proxy::every_trouble()).await.into_iter().collect();
        let clients = clients(proxies.first().map_or(&dynamo.url, |proxy| &proxy.url), NOBODY).await;
        Self { settings, clients, straight, proxies, dynamo: Some(dynamo), moto: None }
    }

    /// One that has everything but tables.
    pub async fn of_services(way: Way) -> Self {
        Self::of_services_with(way, proxy::every_trouble()).await
    }

    /// The same, with troubles of another plan.
    pub async fn of_services_with(way: Way, plan: Plan) -> Self {
        let moto = Moto::start();
        let straight = clients(NOBODY, &moto.url).await;
        let proxies: Vec<Proxy> = way.to(&moto.url, plan).await.into_iter().collect();
        let clients = clients(NOBODY, proxies.first().map_or(&moto.url, |proxy| &proxy.url)).await;
        Self { settings: settings(), clients, straight, proxies, dynamo: None, moto: Some(moto) }
    }

    /// One that has everything: tables, buckets, keys.
    pub async fn whole(way: Way) -> Self {
        let rows = Self::of_tables(way).await;
        let services = Self::of_services(way).await.with_buckets().await.with_keys().await;
        let clients = Clients { dynamodb: rows.clients.dynamodb, ..services.clients };
        let straight = Clients { dynamodb: rows.straight.dynamodb, ..services.straight };
        let proxies = rows.proxies.into_iter().chain(services.proxies).collect();
        Self { settings: services.settings, clients, straight, proxies, dynamo: rows.dynamo, moto: services.moto }
    }

    /// The address of the stand-in for everything but `DynamoDB`.
    pub fn services(&self) -> &str {
        self.moto.as_ref().map_or(NOBODY, |moto| &moto.url)
    }

    /// Makes a queue and gives its address.
    pub async fn make_queue(&self, name: &str) -> String {
        self.moto.as_ref().expect("there are services").make_queue(name).await
    }

    /// Makes the keys.
    pub async fn with_keys(mut self) -> Self {
        use aws_sdk_kms::types::{KeySpec, KeyUsageType};
        let kms = self.straight.kms.clone();
        let make = async |usage: KeyUsageType, spec: KeySpec| {
            let made = kms.create_key().key_usage(usage).key_spec(spec).send().await.expect("a new key");
            made.key_metadata.and_then(|key| key.arn).expect("its name")
        };
        let names = &mut self.settings.keys;
        names.token = make(KeyUsageType::EncryptDecrypt, KeySpec::SymmetricDefault).await;
        names.signing = make(KeyUsageType::SignVerify, KeySpec::EccNistP256).await;
        names.mac = make(KeyUsageType::GenerateVerifyMac, KeySpec::Hmac256).await;
        self
    }

    /// Makes the buckets, each with versions.
    pub async fn with_buckets(self) -> Self {
        let buckets = &self.settings.buckets;
        for bucket in [&buckets.staging, &buckets.records, &buckets.release, &buckets.uploads] {
            make_bucket(&self.straight.s3, bucket).await;
        }
        self
    }
}

impl Way {
    /// What lies on the way to some services: nothing, or something before each.
    pub(crate) async fn between(self, services: &[&str]) -> Vec<Proxy> {
        let mut proxies = Vec::new();
        for service in services {
            proxies.extend(self.to(service, proxy::every_trouble()).await);
        }
        proxies
    }

    async fn to(self, service: &str, plan: Plan) -> Option<Proxy> {
        match self {
            Self::Straight => None,
            Self::Noted => Some(Proxy::open(service, Arc::new(|_, _| Trouble::None)).await),
            Self::Troubled => Some(Proxy::open(service, plan).await),
        }
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

/// Clients that go to `DynamoDB` at one address and to everything else at another.
pub async fn clients(dynamodb: &str, others: &str) -> Clients {
    // Clients share an allowance of second attempts; where everything fails once, nobody may be left without.
    macro_rules! client {
        ($service:ident, $url:expr) => {
            $service::Client::from_conf(
                $service::config::Builder::from(&configuration($url).await)
                    .retry_partition(RetryPartition::custom("tests").token_bucket(TokenBucket::unlimited()).build())
                    .build(),
            )
        };
    }
    Clients {
        dynamodb: client!(aws_sdk_dynamodb, dynamodb),
        s3: client!(aws_sdk_s3, others),
        kms: client!(aws_sdk_kms, others),
        ses: client!(aws_sdk_ses, others),
        sfn: client!(aws_sdk_sfn, others),
        cognito: client!(aws_sdk_cognitoidentityprovider, others),
    }
}

async fn configuration(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::for_tests())
        .http_client(infra_aws::http_client())
        // As often as in the product, but without its patience: here nothing has to recover.
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(2)))
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
