//! The parts that one binary has, by the names that the stack gives its handlers.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use graphql::appsync::{BadSchema, Ours, Predecessors};
use infra_aws::Clients;
use serde_json::Value;
use workflow::ports::Ports;

use crate::face::entry::Doorkeeper;
use crate::face::keys::Prover;
use crate::face::sign_in::Door;
use crate::face::token::Audience;
use crate::face::{appsync, page, url};
use crate::failure::Failure;
use crate::settings::Settings;
use crate::{administer, chore, events, pre_token, receive, step};

/// The steps, by handler and state.
pub const STEPS: [(&str, &str); 9] = [
    ("admit", "Admit"),
    ("stage", "Stage"),
    ("notify", "Notify"),
    ("wait", "Wait"),
    ("tally", "Tally"),
    ("release", "Release"),
    ("reject", "Reject"),
    ("tell", "Tell"),
    ("record_failure", "RecordFailure"),
];

/// The chores.
pub const CHORES: [&str; 4] = ["deliver", "dispose", "seal", "sweep"];

/// Everything else: intake, faces, what other services ask, and what operators administer.
pub const OTHERS: [&str; 8] =
    ["receive", "graphql_appsync", "graphql_http", "predecessor", "web", "pre_token", "events", "administer"];

/// What `deliver` is told beside the account's side.
const LETTERHEAD: [&str; 3] = ["LOCKGATE_HOUSE_NAME", "LOCKGATE_MAIL_FROM", "LOCKGATE_URL"];
/// What a face of `AppSync` is told.
const RESOLVER: [&str; 4] =
    ["LOCKGATE_URL", "LOCKGATE_TOKEN_ISSUER", "LOCKGATE_TOKEN_CLIENTS", "LOCKGATE_TOKEN_KEYS_URL"];
/// What a face behind a function URL is told.
const PAGES: [&str; 6] = [
    "LOCKGATE_URL",
    "LOCKGATE_TOKEN_ISSUER",
    "LOCKGATE_TOKEN_CLIENTS",
    "LOCKGATE_TOKEN_KEYS_URL",
    "LOCKGATE_SIGN_IN_URL",
    "LOCKGATE_FRONT_SECRET",
];

/// What a part does with an event.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, Failure>> + Send + Sync>;

/// Why a part cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum NoPart {
    /// There is none of that name.
    #[error("this release has no part of the name '{0}'")]
    Unknown(String),
    /// Settings are missing.
    #[error(transparent)]
    Unset(#[from] infra_aws::Unset),
    /// A setting cannot be used.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// A schema cannot be read.
    #[error(transparent)]
    Schema(#[from] BadSchema),
}

/// Reads the settings of a part and makes it ready. Nothing is asked of the account yet.
pub async fn part(name: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Handler, NoPart> {
    if name == "pre_token" {
        let groups = Arc::new(pre_token::groups_that_count(&variable("LOCKGATE_FURTHER_GROUPS").unwrap_or_default()));
        return Ok(handler(groups, |groups, event| async move { Ok(pre_token::answer(event, &groups)) }));
    }
    let own: &[&'static str] = match name {
        "deliver" => &LETTERHEAD,
        "sweep" => &["LOCKGATE_INSTALLATION"],
        "graphql_appsync" | "predecessor" => &RESOLVER,
        "graphql_http" | "web" => &PAGES,
        _ => &[],
    };
    let settings = Settings::read(own, variable)?;
    let clients = Clients::connect().await;
    let ports = infra_aws::ports(&settings.house, &clients);
    match name {
        "graphql_appsync" | "predecessor" | "graphql_http" | "web" => face(name, &settings, ports),
        _ => inner(name, &settings, ports),
    }
}

/// Steps, intake and chores: what no person calls.
fn inner(name: &str, settings: &Settings, ports: Ports) -> Result<Handler, NoPart> {
    if let Some((_, state)) = STEPS.into_iter().find(|(handler, _)| *handler == name) {
        return Ok(handler(ports, move |ports, event| async move { step::run(&ports, state, event).await }));
    }
    Ok(match name {
        "receive" => handler(ports, |ports, event| async move { receive::run(&ports, event).await }),
        "administer" => handler(ports, |ports, event| async move { administer::run(&ports, event).await }),
        "events" => handler(ports, |ports, event| async move { events::run(&ports, &event).await }),
        "seal" => handler(ports, |ports, _| async move { chore::seal(&ports).await }),
        "dispose" => handler(ports, |ports, _| async move { chore::dispose(&ports).await }),
        "deliver" => {
            let state = Arc::new((ports, chore::delivery(settings)?));
            handler(state, |state, _| async move { chore::deliver(&state.0, &state.1).await })
        }
        "sweep" => {
            let state = Arc::new((ports, settings.own("LOCKGATE_INSTALLATION").to_owned()));
            handler(state, |state, _| async move { chore::sweep(&state.0, &state.1).await })
        }
        other => return Err(NoPart::Unknown(other.to_owned())),
    })
}

/// What people call.
fn face(name: &str, settings: &Settings, ports: Ports) -> Result<Handler, NoPart> {
    let own = |name: &str| settings.own(name).to_owned();
    let people = own("LOCKGATE_TOKEN_CLIENTS").split(',').map(|client| client.trim().to_owned()).collect();
    let audience = Audience { issuer: own("LOCKGATE_TOKEN_ISSUER"), clients: people };
    let prover = Arc::new(Prover::new(audience.clone(), own("LOCKGATE_TOKEN_KEYS_URL")));
    let doorkeeper = Arc::new(Doorkeeper { ports, prover });
    let address = own("LOCKGATE_URL");
    if name == "graphql_appsync" {
        let state = Arc::new((Ours::ours()?, doorkeeper, address));
        return Ok(handler(state, |state, event| async move {
            appsync::resolve(&state.0, (&state.1, &state.2), event).await
        }));
    }
    if name == "predecessor" {
        let state = Arc::new((Predecessors::predecessors()?, doorkeeper, address));
        return Ok(handler(state, |state, event| async move {
            appsync::resolve(&state.0, (&state.1, &state.2), event).await
        }));
    }
    let client = audience.clients.first().cloned().unwrap_or_default();
    let pool = own("LOCKGATE_SIGN_IN_URL");
    let door = Arc::new(Door::new(Arc::clone(&doorkeeper), (&address, &pool, &client)));
    let all = page::router(doorkeeper, door)?;
    let router = if name == "web" { all } else { page::api_only(all) };
    let state = Arc::new((router, own("LOCKGATE_FRONT_SECRET"), address));
    Ok(handler(state, |state, event| async move { url::answer(state.0.clone(), (&state.1, &state.2), &event).await }))
}

fn handler<S, F, A>(state: S, run: F) -> Handler
where
    S: Clone + Send + Sync + 'static,
    F: Fn(S, Value) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Value, Failure>> + Send + 'static,
{
    Arc::new(move |event| run(state.clone(), event).boxed())
}
