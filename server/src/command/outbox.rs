//! `outbox`: what has to be done outside.

use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use workflow::actions::{self, Caller};
use workflow::domain::email::Email;
use workflow::domain::outbox::{Errand, Letter, MessageId, Recipient};
use workflow::ports::outbox::{Drawer, Posting};

use super::Need;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{counted, instant, table};
use crate::value;

/// Messages that are made due before the list is read again.
const PAGE: u32 = 500;

/// What can be done with the outbox.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outbox {
    /// List messages, oldest first
    List(List),
    /// Try a message again that was given up or held, or all of them, as an operator
    Retry(Retry),
}

/// Which messages.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct List {
    /// Which of them
    #[arg(value_enum, default_value_t = Which::Due)]
    which: Which,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    first: u32,
}

/// Parts of the outbox.
#[derive(Debug, Clone, Copy, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Which {
    /// What is still to be done
    Due,
    /// What was given up
    Undeliverable,
    /// What is done
    Settled,
}

/// Which message, and who has it tried again.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Retry {
    #[arg(value_name = "MESSAGE", value_parser = value::message, required_unless_present = "all")]
    id: Option<MessageId>,
    /// Everything that waits for an operator, such as mails that a restored backup holds
    #[arg(long, conflicts_with = "id")]
    all: bool,
    /// The operator
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
}

#[derive(Serialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    posting: Posting,
}

impl Outbox {
    pub(super) fn need(&self) -> Need {
        if matches!(self, Self::List(_)) { Need::Reading } else { Need::Writing }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List(command) => command.run(desk, output).await,
            Self::Retry(command) => command.run(desk, output).await,
        }
    }
}

impl List {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let postings = desk.ports.outbox.list(self.which.drawer(), self.first).await?;
        let rows: Vec<Row> =
            postings.into_iter().map(|posting| Row { id: posting.message.id.to_string(), posting }).collect();
        let text = || match rows.as_slice() {
            [] => "There are no such messages.".to_owned(),
            rows => {
                table(&["message", "what", "tried", "next", "trouble"], &rows.iter().map(cells).collect::<Vec<_>>())
            }
        };
        output.answer(&rows, text).await;
        Ok(())
    }
}

fn cells(row: &Row) -> Vec<String> {
    let posting = &row.posting;
    vec![
        row.id.clone(),
        errand(&posting.message.errand),
        posting.attempts.to_string(),
        posting.next_at.map_or_else(String::new, instant),
        posting.trouble.clone().unwrap_or_default(),
    ]
}

fn errand(errand: &Errand) -> String {
    match errand {
        Errand::BeginRun { run } => format!("begin run {run}"),
        Errand::FreeStore { store } => format!("let in whoever waits for store {store}"),
        Errand::Tell { to, about } => format!("tell {}: {}", recipient(to), letter(about)),
    }
}

fn recipient(recipient: &Recipient) -> String {
    match recipient {
        Recipient::Audience(audience) => audience.to_string(),
        Recipient::Reviewers(stage) => format!("reviewers of {stage}"),
        Recipient::Operators => "operators".to_owned(),
        Recipient::Address(address) => address.to_string(),
    }
}

fn letter(letter: &Letter) -> &'static str {
    match letter {
        Letter::Received => "received",
        Letter::Queued => "queued",
        Letter::ReviewWanted { .. } => "review wanted",
        Letter::Reminder { .. } => "reminder",
        Letter::Escalation { .. } => "escalation",
        Letter::Released => "released",
        Letter::Ended { .. } => "ended without release",
        Letter::Revoked { .. } => "revoked",
        Letter::Failed { .. } => "failed",
        Letter::Commented { .. } => "commented",
    }
}

impl Which {
    fn drawer(self) -> Drawer {
        match self {
            Self::Due => Drawer::Due,
            Self::Undeliverable => Drawer::Undeliverable,
            Self::Settled => Drawer::Settled,
        }
    }
}

impl Retry {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let Some(id) = self.id else { return retry_all(desk, &caller, output).await };
        actions::retry_message::run(&desk.ports, &caller, id).await?;
        let document = serde_json::json!({ "message": id.to_string(), "due": true });
        output.answer(&document, || format!("{id} is due again.")).await;
        Ok(())
    }
}

/// Makes everything due that waits for an operator. What is due leaves the list, so the loop ends.
async fn retry_all(desk: &Desk, caller: &Caller, output: &Output) -> Result<(), Failure> {
    let mut messages = 0;
    loop {
        let waiting = desk.ports.outbox.list(Drawer::Undeliverable, PAGE).await?;
        if waiting.is_empty() {
            break;
        }
        for posting in waiting {
            actions::retry_message::run(&desk.ports, caller, posting.message.id).await?;
            messages += 1;
        }
    }
    let document = serde_json::json!({ "messages": messages, "due": true });
    output.answer(&document, || format!("{} due again.", counted(messages, "message"))).await;
    Ok(())
}
