//! `outbox`: what has to be done outside.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use workflow::actions::{self, Caller};
use workflow::domain::email::Email;
use workflow::domain::outbox::{Message, MessageId};
use workflow::domain::text::Reason;
use workflow::ports::outbox::{Delivery, Drawer, Posting};

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
    /// Show one message: what it asks for, whom it reached, and what is in the way
    Show(Show),
    /// Try a message again that was given up or held, or all of them, as an operator
    Retry(Retry),
    /// Report, as an operator, that a mail came back which the mail server had taken
    Bounced(Bounced),
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

/// Which message.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Show {
    #[arg(value_name = "MESSAGE", value_parser = value::message)]
    id: MessageId,
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

/// Which mail came back, and why.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Bounced {
    #[arg(value_name = "MESSAGE", value_parser = value::message)]
    id: MessageId,
    /// Whom it did not reach
    #[arg(long, value_name = "EMAIL", value_parser = value::email)]
    to: Email,
    /// What the returned mail says
    #[arg(long, value_name = "TEXT", value_parser = value::reason)]
    reason: Reason,
    /// The operator
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
}

/// A message as JSON.
#[derive(Serialize)]
struct Row {
    id: String,
    what: String,
    message: Option<Message>,
    attempts: u32,
    next_at: Option<Timestamp>,
    trouble: Option<String>,
    deliveries: Vec<Delivery>,
    undeliverable: bool,
    settled: bool,
}

impl From<Posting> for Row {
    fn from(posting: Posting) -> Self {
        let what = posting.message.as_ref().map(|message| message.errand.in_words());
        Self {
            id: posting.id.to_string(),
            what: what.unwrap_or_else(|| "nothing that can be read".to_owned()),
            message: posting.message,
            attempts: posting.attempts,
            next_at: posting.next_at,
            trouble: posting.trouble,
            deliveries: posting.deliveries,
            undeliverable: posting.undeliverable,
            settled: posting.settled,
        }
    }
}

impl Outbox {
    pub(super) fn need(&self) -> Need {
        if matches!(self, Self::Retry(_) | Self::Bounced(_)) { Need::Writing } else { Need::Reading }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List(command) => command.run(desk, output).await,
            Self::Show(command) => command.run(desk, output).await,
            Self::Retry(command) => command.run(desk, output).await,
            Self::Bounced(command) => command.run(desk, output).await,
        }
    }
}

impl List {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let postings = desk.ports.outbox.list(self.which.drawer(), self.first).await?;
        let rows: Vec<Row> = postings.into_iter().map(Row::from).collect();
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
    vec![
        row.id.clone(),
        row.what.clone(),
        row.attempts.to_string(),
        row.next_at.map_or_else(String::new, instant),
        row.trouble.clone().unwrap_or_default(),
    ]
}

impl Show {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let missing = || Failure::not_found(format!("There is no message {} in the outbox.", self.id));
        let row = Row::from(desk.ports.outbox.find(self.id).await?.ok_or_else(missing)?);
        output.answer(&row, || row.text()).await;
        Ok(())
    }
}

impl Row {
    fn text(&self) -> String {
        let state = match self.next_at {
            _ if self.settled => "done".to_owned(),
            Some(at) => format!("tried {} times, next at {}", self.attempts, instant(at)),
            None => format!("given up after {} attempts", self.attempts),
        };
        let mut lines = vec![format!("{}  {}", self.id, self.what), state];
        let reached = |Delivery { to, at, answer, came_back }: &Delivery| match came_back {
            None => format!("  {}  {to}  {answer}", instant(*at)),
            Some(why) => format!("  {}  {to}  {answer}; it came back: {why}", instant(*at)),
        };
        lines.extend(self.deliveries.iter().map(reached));
        lines.extend(self.trouble.iter().map(|trouble| format!("last trouble: {trouble}")));
        lines.join("\n")
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

impl Bounced {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let Self { id, to, reason, .. } = self;
        actions::report_bounce::run(&desk.ports, &caller, *id, (to, reason)).await?;
        let document = serde_json::json!({ "message": id.to_string(), "came_back_from": to });
        let retry = format!("lockgate outbox retry {id} --as {}", self.person);
        output
            .answer(&document, || format!("{id} did not reach {to}, and is undeliverable. To try again: {retry}"))
            .await;
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
            actions::retry_message::run(&desk.ports, caller, posting.id).await?;
            messages += 1;
        }
    }
    let document = serde_json::json!({ "messages": messages, "due": true });
    output.answer(&document, || format!("{} due again.", counted(messages, "message"))).await;
    Ok(())
}
