//! What time asks for, as schedules and the outbox's stream call it.

use jiff::Timestamp;
use serde_json::{Value, json};
use workflow::chores::{deliver, dispose, seal, sweep};
use workflow::domain::status::StatusWord;
use workflow::letter::Sender;
use workflow::ports::outbox::Drawer;
use workflow::ports::request_store::{Pattern, Query};
use workflow::ports::{PortResult, Ports};

use crate::failure::Failure;
use crate::settings::Settings;

/// Rows that are looked at for one figure, and the most that one call disposes of.
const ROWS: u32 = 1_000;
/// Batches that one call delivers; the next minute has a call of its own.
const BATCHES: u32 = 20;

/// Who writes the mails.
pub(crate) fn delivery(settings: &Settings) -> Result<deliver::Settings, Failure> {
    let bad = |name: &str, why: String| Failure::new("Lockgate.Settings", format!("{name} cannot be used: {why}"));
    let from = settings.own("LOCKGATE_MAIL_FROM").to_owned();
    let from = workflow::domain::email::Email::parse(from).map_err(|e| bad("LOCKGATE_MAIL_FROM", e.to_string()))?;
    let name = settings.own("LOCKGATE_HOUSE_NAME").to_owned();
    let name = workflow::domain::text::Title::parse(name).map_err(|e| bad("LOCKGATE_HOUSE_NAME", e.to_string()))?;
    let base = settings.own("LOCKGATE_URL").parse();
    let base = base.map_err(|e: workflow::domain::text::BadText| bad("LOCKGATE_URL", e.to_string()))?;
    let sender = Sender::new(from, name, base).map_err(|e| bad("LOCKGATE_MAIL_FROM", e.to_string()))?;
    Ok(deliver::Settings::new(sender))
}

/// Delivers what is due, whatever called.
pub(crate) async fn deliver(ports: &Ports, settings: &deliver::Settings) -> Result<Value, Failure> {
    let mut messages = 0;
    for _ in 0..BATCHES {
        let delivered = deliver::run(ports, settings).await?;
        messages += delivered.messages;
        if delivered.messages < settings.batch {
            break;
        }
    }
    Ok(json!({ "messages": messages }))
}

/// Sweeps, and says how the house stands: the alarms listen to that.
pub(crate) async fn sweep(ports: &Ports, installation: &str) -> Result<Value, Failure> {
    let swept = sweep::run(ports).await?;
    let mut figures = figures(ports).await?;
    figures.push(("Troubles", u64::from(swept.troubles)));
    // A line that CloudWatch reads figures from, by its shape.
    println!("{}", measure(installation, &figures, ports.clock.now()));
    Ok(json!({ "requests": swept.requests, "begun": swept.begun, "woken": swept.woken, "failed": swept.failed }))
}

async fn figures(ports: &Ports) -> PortResult<Vec<(&'static str, u64)>> {
    let open = ports.requests.list(&Query { pattern: Pattern::Open, after: None, first: ROWS }).await?.requests;
    let failed = open.iter().filter(|request| request.status.word() == StatusWord::Failed).count();
    let entries = open.iter().filter_map(|request| request.round().entry.as_ref().map(|entry| entry.entered_at));
    let oldest = entries.min().map_or(0, |since| ports.clock.now().duration_since(since).as_secs().max(0));
    let undeliverable = ports.outbox.list(Drawer::Undeliverable, ROWS).await?.len();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(vec![
        ("OpenRequests", count(open.len())),
        ("FailedRequests", count(failed)),
        ("OldestWaitingSeconds", u64::try_from(oldest).unwrap_or_default()),
        ("Undeliverable", count(undeliverable)),
    ])
}

/// Figures in the embedded metric format.
fn measure(installation: &str, figures: &[(&'static str, u64)], at: Timestamp) -> Value {
    let names: Vec<Value> = figures.iter().map(|(name, _)| json!({ "Name": name })).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": "Lockgate", "Dimensions": [["Installation"]], "Metrics": names }],
        },
        "Installation": installation,
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(figures.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    }
    line
}

/// Makes a checkpoint over every chain.
pub(crate) async fn seal(ports: &Ports) -> Result<Value, Failure> {
    seal::run(ports).await?;
    Ok(Value::Null)
}

/// Deletes what may not be kept any longer. Trouble with one request does not keep the others.
pub(crate) async fn dispose(ports: &Ports) -> Result<Value, Failure> {
    let query = Query { pattern: Pattern::DueBy(ports.clock.now()), after: None, first: ROWS };
    let mut troubles = 0;
    for request in ports.requests.list(&query).await?.requests {
        if let Err(error) = dispose::due(ports, request.id).await {
            tracing::error!(request = %request.id, error = error.in_full(), "a round could not be disposed of");
            troubles += 1;
        }
    }
    Ok(json!({ "troubles": troubles }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_the_shape_that_cloudwatch_reads() {
        let line = measure("house", &[("OpenRequests", 3)], "2026-03-03T10:00:00Z".parse().unwrap());
        assert_eq!(line["OpenRequests"], 3);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "OpenRequests");
        assert_eq!(line["_aws"]["Timestamp"], 1_772_532_000_000_i64);
    }
}
