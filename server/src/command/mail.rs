//! `mail`: the way that mails leave.

use clap::{Args, Subcommand};
use infra_embedded::house::{OpenError, sender};
use serde::{Deserialize, Serialize};
use serde_json::json;
use workflow::domain::email::Email;
use workflow::letter::write_test;
use workflow::ports::Kind;

use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::value;

/// What can be done with the way that mails leave.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mail {
    /// Send a mail that says it is a test, and show what the mail server answers
    Test(Test),
}

/// To whom.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Test {
    /// The address that gets it
    #[arg(long, value_name = "EMAIL", value_parser = value::email)]
    to: Email,
}

impl Mail {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Test(command) => command.run(desk, output).await,
        }
    }
}

impl Test {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let sender = sender(desk.house.config()).map_err(OpenError::from)?;
        let mail = write_test(&sender, (desk.ports.ids.name(), desk.ports.clock.now()), &self.to)
            .map_err(|unwritable| Failure::refused("BAD_INPUT", format!("No mail was sent: {unwritable}.")))?;
        let answer = desk.ports.mailer.send(&mail).await.map_err(|error| {
            let sentence = format!("The mail did not leave: {}. Nothing else was changed.", error.in_full());
            match error.kind {
                Kind::Denied => Failure::refused("MAIL_REFUSED", sentence),
                _ => Failure::unreachable(format!("{sentence} 'lockgate config show' shows the settings in [mail].")),
            }
        })?;
        let document = json!({ "to": self.to, "name": mail.name, "answer": answer });
        output.answer(&document, || format!("The mail to {} left as {}: {answer}", self.to, mail.name)).await;
        Ok(())
    }
}
