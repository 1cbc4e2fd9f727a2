//! The clients of the account, made once.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls;

/// The clients of the services that the adapters call. They share connections and credentials, and cost little to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Rows.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Files.
    pub s3: aws_sdk_s3::Client,
    /// Keys.
    pub kms: aws_sdk_kms::Client,
    /// Mails.
    pub ses: aws_sdk_ses::Client,
    /// Executions.
    pub sfn: aws_sdk_sfn::Client,
    /// Groups.
    pub cognito: aws_sdk_cognitoidentityprovider::Client,
}

/// A connection that does not come about in this time does not come about.
const CONNECT: Duration = Duration::from_secs(3);
/// S3 answers a copy of 5 GiB late.
const ANSWER: Duration = Duration::from_mins(4);

impl Clients {
    /// Makes the clients from what the SDK finds in its environment: region, credentials, addresses of services.
    pub async fn connect() -> Self {
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
        Self::of(&loader.timeout_config(timeouts).load().await)
    }

    /// Makes the clients from a configuration.
    pub fn of(config: &SdkConfig) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            s3: aws_sdk_s3::Client::new(config),
            kms: aws_sdk_kms::Client::new(config),
            ses: aws_sdk_ses::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            cognito: aws_sdk_cognitoidentityprovider::Client::new(config),
        }
    }
}

/// The way to the account: HTTPS by the library that the rest of the house speaks it with.
pub fn http_client() -> aws_sdk_dynamodb::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}
