//! The access log of a day, in words.

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use workflow::domain::access::{Access, Look};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{instant, table};

/// Entries that are read at once.
const PAGE: u32 = 1_000;

/// Which day, and which entries.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Log {
    /// The day, in UTC [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<Date>,
    /// Only what was changed: policies, people, keys, messages, the quarantine
    #[arg(long)]
    changes: bool,
}

impl Log {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let day = self.day.unwrap_or_else(|| desk.ports.clock.now().to_zoned(TimeZone::UTC).date());
        let mut entries = Vec::new();
        let mut read = 0;
        loop {
            let page = desk.ports.access_log.read(day, read, PAGE).await?;
            read += page.len() as u64;
            let is_last = page.len() < PAGE as usize;
            entries.extend(page.into_iter().filter(|entry| !self.changes || matches!(entry.what, Look::Changed(_))));
            if is_last {
                break;
            }
        }
        let text = || match entries.as_slice() {
            [] => format!("The access log of {day} has no such entry."),
            entries => table(&["at", "who", "from", "what"], &entries.iter().map(row).collect::<Vec<_>>()),
        };
        output.answer(&entries, text).await;
        Ok(())
    }
}

fn row(entry: &Access) -> Vec<String> {
    let person = entry.person.as_ref().map(ToString::to_string);
    let user = entry.system_user.as_ref().map(|user| format!("(system user {user})"));
    let who = person.into_iter().chain(user).collect::<Vec<_>>().join(" ");
    vec![instant(entry.at), who, entry.origin.clone().unwrap_or_default(), what(&entry.what)]
}

fn what(look: &Look) -> String {
    match look {
        Look::Request { request } => format!("opened request {request}"),
        Look::File { request, path } => format!("looked into {path} of request {request}"),
        Look::Download { request } => format!("downloaded from request {request}"),
        Look::Refused { request: Some(request), action, code } => format!("was refused {action} on {request}: {code}"),
        Look::Refused { request: None, action, code } => format!("was refused {action}: {code}"),
        Look::SignIn { succeeded: true } => "signed in".to_owned(),
        Look::SignIn { succeeded: false } => "failed to sign in".to_owned(),
        Look::Audit => "read the audit".to_owned(),
        Look::Changed(deed) => deed.to_string(),
    }
}
