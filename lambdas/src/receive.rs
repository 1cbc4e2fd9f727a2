//! Notices from the queue: each record by itself, so that one which fails does not bring the others back.

use serde::Deserialize;
use serde_json::{Value, json};
use workflow::actions::receive;
use workflow::ports::Ports;

use crate::failure::Failure;

/// A batch, as SQS hands it over.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
}

/// What SNS puts around a message.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Message")]
    message: String,
}

/// Takes every record, and names those that the queue is to bring again. What cannot be read as a notice is taken too:
/// into quarantine.
pub(crate) async fn run(ports: &Ports, event: Value) -> Result<Value, Failure> {
    let batch: Batch = serde_json::from_value(event).map_err(|error| Failure::illegible("the batch", &error))?;
    let mut failed = Vec::new();
    for record in batch.records {
        let notice = message(&record.body);
        match receive::run(ports, notice.as_bytes()).await {
            Ok(received) => tracing::info!(message = record.message_id, ?received, "a notice was taken"),
            Err(error) => {
                tracing::error!(message = record.message_id, error = error.in_full(), "a notice could not be taken");
                failed.push(json!({ "itemIdentifier": record.message_id }));
            }
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

/// The notice itself: what SNS carried, or the whole body where nothing was put around it.
fn message(body: &str) -> String {
    serde_json::from_str(body).map_or_else(|_| body.to_owned(), |envelope: Envelope| envelope.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_taken_off_where_there_is_one() {
        assert_eq!(message(r#"{"Type":"Notification","Message":"{\"id\":1}"}"#), r#"{"id":1}"#);
        assert_eq!(message(r#"{"id":1}"#), r#"{"id":1}"#);
        assert_eq!(message("no JSON"), "no JSON");
    }
}
