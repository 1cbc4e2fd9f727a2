//! `person`: the directory of one machine.
//!
//! Who may write to the data directory keeps the directory of people: nobody has to be in it before the first one is.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use workflow::actions::administer;
use workflow::domain::deed::Deed;
use workflow::domain::email::Email;
use workflow::domain::person::{Identity, Membership, Person as Entry, Who};
use workflow::domain::text::PersonName;
use workflow::ports::sessions::LOCAL_ISSUER;

use super::Need;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::table;
use crate::value;

/// What can be done with people.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Person {
    /// Enter somebody, or replace what is known of them
    Add(Add),
    /// List everybody
    List,
    /// Shut somebody's account; what they did stays
    Disable(Disable),
    /// Give somebody a password to sign in with; every session of theirs ends
    Password(Password),
}

/// Somebody, and which groups they are in.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Add {
    /// Their address; whoever enters them vouches for it
    #[arg(value_name = "EMAIL", value_parser = value::email)]
    email: Email,
    /// Their name
    #[arg(long, value_parser = value::person_name)]
    name: PersonName,
    /// A group, of every project or as GROUP@PROJECT,… of some; may be repeated
    #[arg(long = "group", value_name = "GROUP[@PROJECT,…]", value_parser = value::membership)]
    groups: Vec<Membership>,
}

/// Whose password.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Password {
    #[arg(value_name = "EMAIL", value_parser = value::email)]
    email: Email,
    /// A file that holds the password on its first line, so that it is on no command line
    #[arg(long, value_name = "FILE", value_parser = value::path)]
    from: PathBuf,
}

/// Whose account.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Disable {
    #[arg(value_name = "EMAIL", value_parser = value::email)]
    email: Email,
}

impl Person {
    pub(super) fn need(&self) -> Need {
        if matches!(self, Self::List) { Need::Reading } else { Need::Writing }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(desk, output).await,
            Self::List => list(desk, output).await,
            Self::Disable(command) => command.run(desk, output).await,
            Self::Password(command) => command.run(desk, output).await,
        }
    }
}

impl Password {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let text = tokio::fs::read_to_string(&self.from).await.map_err(|error| {
            Failure::unreachable(format!("{} cannot be read: {error}. Nothing was changed.", self.from.display()))
        })?;
        let password = text.lines().next().unwrap_or_default();
        let mut person = desk.person(&self.email).await?;
        desk.hand().note(&desk.ports, Deed::PasswordSet { email: self.email.clone() }).await?;
        let set = http::account::set_password(&desk.ports, &self.email, password).await;
        let identity =
            set.map_err(|not_set| Failure::refused("BAD_PASSWORD", format!("{not_set}. Nothing was changed.")))?;
        person.who.identities.insert(identity);
        desk.ports.people.save(&person).await?;
        let document = serde_json::json!({ "email": self.email });
        output.answer(&document, || format!("{} signs in with the new password from now on.", person.who.name)).await;
        Ok(())
    }
}

impl Add {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let mut entry = entry(self.name.clone(), self.email.clone(), self.groups.iter().cloned().collect());
        if let Some(known) = desk.ports.people.by_email(&self.email).await? {
            // Their accounts stay theirs, whatever else is replaced.
            entry.who.identities.extend(known.who.identities);
        }
        administer::enter_person(&desk.ports, &desk.hand(), &entry).await?;
        output.answer(&entry, || format!("{} is in the directory.", entry.who)).await;
        Ok(())
    }
}

/// An entry for somebody with an account of this machine.
pub(crate) fn entry(name: PersonName, email: Email, memberships: BTreeSet<Membership>) -> Entry {
    let identity = Identity { issuer: LOCAL_ISSUER.to_owned(), subject: email.folded().to_owned() };
    let who = Who { name, identities: [identity].into(), verified_emails: [email.clone()].into(), email };
    Entry { who, memberships, disabled: false }
}

impl Disable {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let person = desk.person(&self.email).await?;
        let entry = administer::shut_account(&desk.ports, &desk.hand(), person).await?;
        output.answer(&entry, || format!("The account of {} is shut.", entry.who)).await;
        Ok(())
    }
}

async fn list(desk: &Desk, output: &Output) -> Result<(), Failure> {
    let people = desk.ports.people.all().await?;
    let row = |entry: &Entry| {
        let groups = entry.memberships.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let state = if entry.disabled { "disabled" } else { "" };
        vec![entry.who.email.to_string(), entry.who.name.to_string(), groups, state.to_owned()]
    };
    let text = || match people.as_slice() {
        [] => "The directory is empty. 'lockgate person add' enters somebody.".to_owned(),
        people => table(&["address", "name", "groups", ""], &people.iter().map(row).collect::<Vec<_>>()),
    };
    output.answer(&people, text).await;
    Ok(())
}
