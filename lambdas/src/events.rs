//! What other services tell of what they did for us: a run that ended badly, a mail that came back.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use workflow::chores::deliver::bounce::{self, Bounce};
use workflow::chores::sweep;
use workflow::domain::audit::Actor;
use workflow::domain::email::Email;
use workflow::domain::id::ExecutionName;
use workflow::ports::Ports;

use crate::failure::Failure;

/// What a mail that came back says in the audit.
const NAME: &str = "ses";
/// How far our clock and that of SES may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(10);
/// For so long a mail may be on its way into our record after SES took it.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(15);

/// Takes an event of either kind. What is none of ours is told in the log and changes nothing.
pub(crate) async fn run(ports: &Ports, event: &Value) -> Result<Value, Failure> {
    match event.get("source").and_then(Value::as_str) {
        Some("aws.ses") => mail_came_back(ports, event).await?,
        _ => run_ended(ports, event).await?,
    }
    Ok(Value::Null)
}

/// A run ended badly, says Step Functions: the request is to say so too.
async fn run_ended(ports: &Ports, event: &Value) -> Result<(), Failure> {
    let name = event.pointer("/detail/name").and_then(Value::as_str).unwrap_or_default();
    match name.parse::<ExecutionName>() {
        Ok(name) => sweep::run_ended(ports, name).await?,
        Err(bad) => tracing::error!(%bad, "a run ended that is none of a request"),
    }
    Ok(())
}

/// A mail came back, says SES: its messages are on the operators' list again.
async fn mail_came_back(ports: &Ports, event: &Value) -> Result<(), Failure> {
    let detail = event.get("detail").cloned().unwrap_or_default();
    let sending = match serde_json::from_value::<Sending>(detail) {
        Ok(sending) => sending,
        Err(bad) => {
            tracing::error!(%bad, "SES told of a mail in a way that cannot be read");
            return Ok(());
        }
    };
    for bounce in sending.bounces() {
        let messages = bounce::of_mail(ports, &bounce, &Actor::chore(NAME)).await?;
        tracing::warn!(mail = sending.mail.message_id, messages, "a mail came back");
        if messages == 0 && sending.mail.is_new(ports.clock.now()) {
            // SES may be faster than whoever writes down that it took the mail. The event comes again.
            return Err(Failure::new("Lockgate.Transient", "the mail that came back is not on record yet"));
        }
    }
    Ok(())
}

/// What SES publishes about a mail, as far as it is of use here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sending {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounced>,
    complaint: Option<Complaint>,
    reject: Option<Reject>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    timestamp: Timestamp,
    message_id: String,
    destination: Vec<String>,
}

impl Mail {
    fn is_new(&self, now: Timestamp) -> bool {
        now.duration_since(self.timestamp) < ON_ITS_WAY
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounced {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
struct Reject {
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
    diagnostic_code: Option<String>,
}

impl Sending {
    /// Whom the mail did not reach, and why; nobody if the event is about something else.
    fn bounces(&self) -> Vec<Bounce> {
        let whom: Vec<(&str, String)> = match (self.event_type.as_str(), &self.bounce, &self.complaint, &self.reject) {
            ("Bounce", Some(bounce), _, _) => bounce.bounced_recipients.iter().map(|one| bounce.of(one)).collect(),
            ("Complaint", _, Some(complaint), _) => {
                let why = || "it was reported as unwanted, and SES writes to this address no more".to_owned();
                complaint.complained_recipients.iter().map(|one| (one.email_address.as_str(), why())).collect()
            }
            ("Reject", _, _, Some(reject)) => {
                let why = || format!("SES did not send it: {}", reject.reason);
                self.mail.destination.iter().map(|one| (one.as_str(), why())).collect()
            }
            _ => Vec::new(),
        };
        whom.into_iter().filter_map(|(address, why)| self.bounce_of(address, why)).collect()
    }

    fn bounce_of(&self, address: &str, why: String) -> Option<Bounce> {
        let to = Email::parse(address).inspect_err(|bad| tracing::error!(%bad, "SES told of an address")).ok()?;
        let since = self.mail.timestamp.saturating_sub(SKEW).unwrap_or(Timestamp::MIN);
        Some(Bounce { to, answer: infra_aws::answer_of_ses(&self.mail.message_id), since, why })
    }
}

impl Bounced {
    fn of<'a>(&self, recipient: &'a Recipient) -> (&'a str, String) {
        let kind = self.bounce_type.to_lowercase();
        let why = match &recipient.diagnostic_code {
            Some(answer) => format!("a {kind} failure: {answer}"),
            None => format!("a {kind} failure"),
        };
        (&recipient.email_address, why)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sending(event: &str, part: Value) -> Vec<Bounce> {
        let mail = json!({
            "timestamp": "2026-03-03T10:10:00.000Z", "messageId": "m-1", "destination": ["ada@example.org"],
            "source": "lockgate@example.org", "tags": { "ses:configuration-set": ["house"] },
        });
        let mut detail = json!({ "eventType": event, "mail": mail });
        detail[event.to_lowercase()] = part;
        serde_json::from_value::<Sending>(detail).unwrap().bounces()
    }

    #[test]
    fn whom_a_mail_did_not_reach_is_read_with_the_reason() {
        let recipients = json!([
            { "emailAddress": "ada@example.org", "action": "failed", "diagnosticCode": "smtp; 550 5.1.1 no such mailbox" },
            { "emailAddress": "bob@example.org" },
        ]);
        let bounces = sending("Bounce", json!({ "bounceType": "Permanent", "bouncedRecipients": recipients }));
        let read: Vec<_> = bounces.iter().map(|bounce| (bounce.to.as_str(), bounce.why.as_str())).collect();
        let ada = "a permanent failure: smtp; 550 5.1.1 no such mailbox";
        assert_eq!(read, [("ada@example.org", ada), ("bob@example.org", "a permanent failure")]);
        assert_eq!(bounces[0].answer, "taken by SES as m-1");
        assert_eq!(bounces[0].since.to_string(), "2026-03-03T10:00:00Z");
    }

    #[test]
    fn a_complaint_and_a_rejected_mail_reach_nobody_either() {
        let recipients = json!({ "complainedRecipients": [{ "emailAddress": "ada@example.org" }] });
        assert!(sending("Complaint", recipients)[0].why.contains("unwanted"));
        assert_eq!(sending("Reject", json!({ "reason": "Bad content" }))[0].why, "SES did not send it: Bad content");
    }

    #[test]
    fn what_is_no_bounce_is_left_alone() {
        assert_eq!(sending("Delivery", json!({})), []);
        let recipients = json!([{ "emailAddress": "no address" }]);
        assert_eq!(sending("Bounce", json!({ "bounceType": "Permanent", "bouncedRecipients": recipients })), []);
    }
}
