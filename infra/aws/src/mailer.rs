//! Mails by SES, as the builder of all mails wrote them.

use async_trait::async_trait;
use aws_sdk_ses::Client;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::RawMessage;
use workflow::ports::mailer::{self as port, Mail};
use workflow::ports::{Kind, PortError, PortResult};

use crate::clients::Clients;
use crate::failure::Failure;
use crate::settings::Settings;

const PORT: &str = "Mailer";

/// The way mails leave an account. SES gives every mail a Message-ID of its own; our name for it is in a header of ours.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    configuration_set: Option<String>,
}

impl Mailer {
    /// Sends by the account's SES.
    pub fn new(settings: &Settings, clients: &Clients) -> Self {
        Self { client: clients.ses.clone(), configuration_set: settings.configuration_set.clone() }
    }
}

#[async_trait]
impl port::Mailer for Mailer {
    async fn send(&self, mail: &Mail) -> PortResult<String> {
        let message = RawMessage::builder().data(Blob::new(mail.text.clone())).build();
        let message = message
            .map_err(|error| PortError::new(PORT, format!("send {}", mail.name), Kind::Corrupt).because(error))?;
        let call = self.client.send_raw_email().source(mail.from.as_str()).destinations(mail.to.as_str());
        let sent = call.raw_message(message).set_configuration_set_name(self.configuration_set.clone()).send().await;
        sent.map(|sent| answer_of_ses(sent.message_id()))
            .map_err(Failure::of)
            .map_err(|failure| refused(failure).during(PORT, format!("send {}", mail.name)))
    }
}

/// What is on record of a mail that SES took, by SES's name for it.
pub fn answer_of_ses(message_id: &str) -> String {
    format!("taken by SES as {message_id}")
}

/// What SES rejects, it will reject again.
fn refused(failure: Failure) -> Failure {
    match failure.code() {
        "MessageRejected" | "InvalidParameterValue" => Failure::refused(Kind::Denied, failure.to_string()),
        _ => failure,
    }
}
