//! `quarantine`: what came in and could not be taken.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflow::actions;
use workflow::domain::email::Email;
use workflow::ports::intake::Quarantined;

use super::{Need, submit};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{instant, table};
use crate::value;

/// What can be done with what could not be taken.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quarantine {
    /// List what is kept, oldest first
    List(List),
    /// Show what came in, as it came
    Show(Show),
    /// Try to take it again, as an operator
    Replay(Replay),
}

/// How much.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    first: u32,
}

/// Which item.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Show {
    #[arg(value_name = "ITEM")]
    id: Uuid,
}

/// Which item, and who lets it in.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Replay {
    #[arg(value_name = "ITEM")]
    id: Uuid,
    /// The operator
    #[arg(long = "as", value_name = "EMAIL", value_parser = value::email)]
    person: Email,
}

impl Quarantine {
    pub(super) fn need(&self) -> Need {
        if matches!(self, Self::Replay(_)) { Need::Writing } else { Need::Reading }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List(command) => command.run(desk, output).await,
            Self::Show(command) => command.run(desk, output).await,
            Self::Replay(command) => command.run(desk, output).await,
        }
    }
}

impl List {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let items = desk.ports.intake.list(self.first).await?;
        let row = |item: &Quarantined| vec![item.id.to_string(), instant(item.at), item.reason.clone()];
        let text = || match items.as_slice() {
            [] => "Nothing is in quarantine.".to_owned(),
            items => {
                table(&["item", "came at", "could not be taken because"], &items.iter().map(row).collect::<Vec<_>>())
            }
        };
        output.answer(&items, text).await;
        Ok(())
    }
}

impl Show {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let item = find(desk, self.id).await?;
        let text = || format!("{}  came at {}\n{}\n\n{}", item.id, instant(item.at), item.reason, item.body);
        output.answer(&item, text).await;
        Ok(())
    }
}

impl Replay {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let caller = desk.caller(&self.person).await?;
        let received = actions::replay_quarantined::run(&desk.ports, &caller, self.id).await?;
        submit::conclude(output, &received).await
    }
}

async fn find(desk: &Desk, id: Uuid) -> Result<Quarantined, Failure> {
    let missing = || {
        Failure::not_found(format!("Nothing is in quarantine under {id}. 'lockgate quarantine list' shows what is."))
    };
    desk.ports.intake.find(id).await?.ok_or_else(missing)
}
