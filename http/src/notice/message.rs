//! What SNS sends, and the text that it signs.

use serde::Deserialize;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

/// A message as it came. Nothing in it is to be believed before its signature was checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    #[serde(rename = "Type")]
    pub(super) kind: Kind,
    #[serde(rename = "MessageId")]
    id: String,
    #[serde(rename = "TopicArn")]
    pub(super) topic: String,
    subject: Option<String>,
    #[serde(rename = "Message")]
    pub(super) text: String,
    timestamp: String,
    pub(super) signature_version: String,
    pub(super) signature: String,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    pub(super) subscribe_url: Option<String>,
}

impl Message {
    /// The text that is signed: names and values of some fields by turns, a line each. None if one is missing.
    pub(super) fn signed_text(&self) -> Option<String> {
        let word = match self.kind {
            Kind::Notification => "Notification",
            Kind::SubscriptionConfirmation => "SubscriptionConfirmation",
            Kind::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        };
        let mut text = String::new();
        let mut add = |name: &str, value: &str| {
            for line in [name, value] {
                text.push_str(line);
                text.push('\n');
            }
        };
        add("Message", &self.text);
        add("MessageId", &self.id);
        if self.kind == Kind::Notification {
            if let Some(subject) = &self.subject {
                add("Subject", subject);
            }
        } else {
            add("SubscribeURL", self.subscribe_url.as_deref()?);
        }
        add("Timestamp", &self.timestamp);
        if self.kind != Kind::Notification {
            add("Token", self.token.as_deref()?);
        }
        add("TopicArn", &self.topic);
        add("Type", word);
        Some(text)
    }
}
