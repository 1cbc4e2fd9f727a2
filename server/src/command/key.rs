//! `key`: keys of machines that act for somebody.
//!
//! As with people: who may write to the data directory keeps the keys.

use std::collections::BTreeSet;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use workflow::domain::deed::Deed;
use workflow::domain::email::Email;
use workflow::domain::person::{Identity, Person};
use workflow::domain::span::Span;
use workflow::domain::text::Title;
use workflow::ports::sessions::{ApiKey, KeyScope, LOCAL_ISSUER};

use super::Need;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{instant, table};
use crate::value;

/// What can be done with keys.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Key {
    /// Make a key; it is shown this once and nowhere kept
    Add(Add),
    /// List keys, the revoked ones too
    List(List),
    /// Make a key worthless at once
    Revoke(Revoke),
}

/// For whom, and for how long.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Add {
    /// The person for whom it acts
    #[arg(value_name = "EMAIL", value_parser = value::email)]
    person: Email,
    /// What it is for
    #[arg(long, value_parser = value::title)]
    label: Title,
    /// What it is good for; may be repeated
    #[arg(long = "scope", value_enum, required = true)]
    scopes: Vec<Scope>,
    /// How long it is good
    #[arg(long = "for", value_name = "LENGTH", default_value = "90 days", value_parser = value::span)]
    lasts_for: Span,
}

/// Whose.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct List {
    /// Only those that act for this person
    #[arg(long, value_name = "EMAIL", value_parser = value::email)]
    person: Option<Email>,
}

/// Which.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Revoke {
    /// Its name, as it is listed
    #[arg(value_name = "KEY")]
    id: String,
}

/// What a key is good for.
#[derive(Debug, Clone, Copy, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Scope {
    /// Everything that its person may do
    Act,
    /// Reading the metrics, and nothing else
    Metrics,
}

/// A key without its secret.
#[derive(Serialize)]
struct Row {
    id: String,
    label: Title,
    person: String,
    scopes: BTreeSet<KeyScope>,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    row: Row,
    key: String,
}

impl Key {
    pub(super) fn need(&self) -> Need {
        if matches!(self, Self::List(_)) { Need::Reading } else { Need::Writing }
    }

    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(desk, output).await,
            Self::List(command) => command.run(desk, output).await,
            Self::Revoke(command) => command.run(desk, output).await,
        }
    }
}

impl Add {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let person = desk.person(&self.person).await?;
        let length = self.lasts_for.seconds().and_then(|seconds| {
            let now = desk.ports.clock.now();
            now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
        });
        let expires_at = length.ok_or_else(|| {
            Failure::usage("A key lasts for minutes, hours or days, not for working days. Nothing was changed.")
        })?;
        let scopes: BTreeSet<KeyScope> = self.scopes.iter().map(|scope| KeyScope::from(*scope)).collect();
        let identity = identity_of(&person)?;
        let deed = Deed::KeyMade {
            label: self.label.to_string(),
            email: person.who.email.clone(),
            scopes: scopes.iter().map(|scope| word(*scope).to_owned()).collect(),
            expires_at,
        };
        desk.hand().note(&desk.ports, deed).await?;
        let (key, text) = http::key::add(&desk.ports, identity, (self.label.clone(), scopes), expires_at).await?;
        let made = Made { row: row(desk, key).await?, key: text };
        let said = || {
            format!(
                "{}\nThis is the key. It is shown this once; keep it as you keep a password. It acts for {} until {}.",
                made.key,
                made.row.person,
                instant(made.row.expires_at)
            )
        };
        output.answer(&made, said).await;
        Ok(())
    }
}

/// The account that a key acts for: the one of this machine, where there is one.
fn identity_of(person: &Person) -> Result<Identity, Failure> {
    let identities = &person.who.identities;
    let own = identities.iter().find(|identity| identity.issuer == LOCAL_ISSUER).or(identities.first());
    own.cloned().ok_or_else(|| {
        Failure::refused("NO_ACCOUNT", format!("{} has no account that a key could act for.", person.who))
    })
}

impl List {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let mut rows = Vec::new();
        for key in desk.ports.sessions.keys(None).await? {
            rows.push(row(desk, key).await?);
        }
        if let Some(email) = &self.person {
            let wanted = desk.person(email).await?.who.email.to_string();
            rows.retain(|row| row.person == wanted);
        }
        let text = || match rows.as_slice() {
            [] => "There are no keys.".to_owned(),
            rows => table(
                &["key", "what for", "acts for", "scopes", "until", ""],
                &rows.iter().map(cells).collect::<Vec<_>>(),
            ),
        };
        output.answer(&rows, text).await;
        Ok(())
    }
}

/// A key as it is shown. It acts for whoever has its account now.
async fn row(desk: &Desk, key: ApiKey) -> Result<Row, Failure> {
    let person = desk.ports.people.by_identity(&key.identity).await?;
    Ok(Row {
        person: person.map_or(key.identity.subject, |person| person.who.email.to_string()),
        id: key.id,
        label: key.label,
        scopes: key.scopes,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
    })
}

fn cells(row: &Row) -> Vec<String> {
    let scopes = row.scopes.iter().map(|scope| word(*scope));
    let revoked = if row.revoked_at.is_some() { "revoked" } else { "" };
    vec![
        row.id.clone(),
        row.label.to_string(),
        row.person.clone(),
        scopes.collect::<Vec<_>>().join(", "),
        instant(row.expires_at),
        revoked.to_owned(),
    ]
}

impl Revoke {
    async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        let (sessions, now) = (&desk.ports.sessions, desk.ports.clock.now());
        if !sessions.keys(None).await?.iter().any(|key| key.id == self.id) {
            return Err(Failure::not_found("There is no key of that name. 'lockgate key list' shows what there is."));
        }
        desk.hand().note(&desk.ports, Deed::KeyRevoked { key: self.id.clone() }).await?;
        sessions.revoke_key(&self.id, now).await?;
        let document = serde_json::json!({ "id": self.id, "revoked": true });
        output.answer(&document, || format!("The key {} opens nothing any more.", self.id)).await;
        Ok(())
    }
}

fn word(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::Act => "act",
        KeyScope::Metrics => "metrics",
    }
}

impl From<Scope> for KeyScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Act => Self::Act,
            Scope::Metrics => Self::Metrics,
        }
    }
}
