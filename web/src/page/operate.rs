//! What waits for an operator.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;

use super::write::refused;
use super::{Shown, html};
use crate::Visit;
use crate::ask::ask;
use crate::document::{ReplayQuarantined, RetryMessage, Stuck, replay_quarantined, retry_message, stuck};
use crate::frame::{Frame, frame};
use crate::word::ReplayOutcome;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/operate", get(show))
        .route("/operate/quarantine/{id}/replay", post(replay))
        .route("/operate/mail/{id}/retry", post(retry))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Arrival {
    did: String,
}

fn told(did: &str) -> Option<String> {
    match did {
        "mail" => Some("The message is tried again.".to_owned()),
        word => ReplayOutcome::parse(word).map(|outcome| format!("Taken once more: {}.", outcome.label())),
    }
}

#[derive(Template)]
#[template(path = "operate.html")]
struct OperatePage {
    frame: Frame,
    told: Option<String>,
    refused: Option<String>,
    held: Option<stuck::StuckStuckOnStuckHeldDeadlines>,
    queued: Vec<stuck::StuckQueuedOnRequestConnectionNodes>,
    failed: Vec<stuck::StuckStuckOnStuckFailedOnRequestConnectionNodes>,
    quarantined: Vec<stuck::StuckStuckOnStuckQuarantined>,
    undeliverable: Vec<stuck::StuckStuckOnStuckUndeliverable>,
}

async fn show(Extension(visit): Extension<Visit>, Query(arrival): Query<Arrival>) -> Shown {
    let data = ask::<Stuck>(&visit, stuck::Variables {}).await?;
    let frame = frame!(data.viewer, "operate");
    let told = told(&arrival.did);
    let queued = match data.queued {
        stuck::StuckQueued::RequestConnection(page) => page.nodes,
        stuck::StuckQueued::Refused(_) => Vec::new(),
    };
    let nothing = OperatePage {
        frame,
        told,
        refused: None,
        held: None,
        queued,
        failed: Vec::new(),
        quarantined: Vec::new(),
        undeliverable: Vec::new(),
    };
    Ok(html(&match data.stuck {
        stuck::StuckStuck::Refused(no) => OperatePage { refused: Some(no.sentence), ..nothing },
        stuck::StuckStuck::Stuck(found) => {
            let (failed, refused) = match found.failed {
                stuck::StuckStuckOnStuckFailed::RequestConnection(page) => (page.nodes, None),
                stuck::StuckStuckOnStuckFailed::Refused(no) => (Vec::new(), Some(no.sentence)),
            };
            OperatePage {
                failed,
                refused,
                held: found.held_deadlines,
                quarantined: found.quarantined,
                undeliverable: found.undeliverable,
                ..nothing
            }
        }
    }))
}

async fn replay(Extension(visit): Extension<Visit>, Path(id): Path<String>) -> Shown {
    let variables = replay_quarantined::Variables { id };
    Ok(match ask::<ReplayQuarantined>(&visit, variables).await?.replay_quarantined {
        replay_quarantined::ReplayQuarantinedReplayQuarantined::Replayed(now) => match now.reason {
            Some(reason) => {
                refused(format!("It still cannot be taken, and is kept: {reason}"), "", "/operate".to_owned())
            }
            None => Redirect::to(&format!("/operate?did={}", now.outcome.word())).into_response(),
        },
        replay_quarantined::ReplayQuarantinedReplayQuarantined::Refused(no) => {
            refused(no.sentence, "", "/operate".to_owned())
        }
    })
}

async fn retry(Extension(visit): Extension<Visit>, Path(id): Path<String>) -> Shown {
    Ok(match ask::<RetryMessage>(&visit, retry_message::Variables { id }).await?.retry_message {
        retry_message::RetryMessageRetryMessage::MessageRetried(_) => Redirect::to("/operate?did=mail").into_response(),
        retry_message::RetryMessageRetryMessage::Refused(no) => refused(no.sentence, "", "/operate".to_owned()),
    })
}
