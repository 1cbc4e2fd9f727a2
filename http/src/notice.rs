//! Notices over HTTP, as SNS delivers them: signed, from a topic that was configured, and nothing is ever fetched from
//! an address that a message names.

mod message;
mod signature;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use workflow::actions::receive::{self, Received};
use workflow::domain::access::{Access, Look};
use workflow::ports::PortError;
use workflow::ports::intake::Quarantined;

use crate::call::Call;
use crate::face::Face;
use crate::problem::{Problem, say};
use message::{Kind, Message};
pub(crate) use signature::{BadCertificate, Signers};

/// The most bytes of a delivery: a message of 256 KiB whose every character is escaped.
pub(crate) const LARGEST: usize = 2 << 20;

/// Why a delivery was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forged {
    /// It is not what SNS sends.
    #[error("it is no message of SNS")]
    Unreadable,
    /// Its topic is none of ours.
    #[error("its topic is not one that was configured")]
    Topic,
    /// Its signature is of a version that there is none of.
    #[error("its signature has an unknown version")]
    Version,
    /// Its signature fits none of the certificates that are good now.
    #[error("its signature is not good under any certificate that was configured")]
    Signature,
}

impl Forged {
    fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "NO_NOTICE",
            Self::Topic => "FOREIGN_TOPIC",
            Self::Version => "UNKNOWN_SIGNATURE",
            Self::Signature => "FORGED_NOTICE",
        }
    }
}

/// `POST /notices/sns`. Repeated delivery is harmless.
pub(crate) async fn take(State(face): State<Arc<Face>>, call: Call, body: Bytes) -> Result<Response, Problem> {
    if face.signers.take_nothing() {
        return Err(Problem::missing("This house takes no notices over HTTP."));
    }
    match face.signers.verify(&body, face.ports.clock.now()) {
        Ok(message) => Ok(act(&face, &message).await?),
        Err(forged) => {
            tracing::warn!(reason = %forged, "a delivery was refused");
            if face.throttle.may_record(call.from) {
                log(&face, &call, forged).await?;
            }
            let sentence = format!("This was refused: {forged}. Nothing was taken.");
            Err(Problem::Said(StatusCode::FORBIDDEN, sentence))
        }
    }
}

async fn log(face: &Face, call: &Call, forged: Forged) -> Result<(), PortError> {
    let what = Look::Refused { request: None, action: "receive_notice".to_owned(), code: forged.code().to_owned() };
    let origin = Some(call.from.to_string());
    face.ports
        .access_log
        .append(&Access { at: face.ports.clock.now(), person: None, system_user: None, origin, what })
        .await
}

async fn act(face: &Face, message: &Message) -> Result<Response, PortError> {
    let said = match message.kind {
        Kind::Notification => match receive::run(&face.ports, message.text.as_bytes()).await? {
            Received::Begun(id) => format!("Request {id} has begun."),
            Received::Queued(id) => format!("Request {id} waits behind another one of its store."),
            Received::NextRound(id) => format!("Request {id} has its next round."),
            Received::Known(id) => format!("This notice was taken before, as request {id}."),
            Received::Quarantined { id, .. } => format!("This notice could not be taken and is kept as {id}."),
        },
        Kind::SubscriptionConfirmation => show_to_operators(face, message).await?,
        Kind::UnsubscribeConfirmation => {
            tracing::warn!(topic = message.topic, "the topic delivers here no longer");
            "It was noted that the topic delivers here no longer.".to_owned()
        }
    };
    Ok(say(StatusCode::OK, said))
}

/// Keeps a confirmation for whoever runs the house: they open its link, or do not.
async fn show_to_operators(face: &Face, message: &Message) -> Result<String, PortError> {
    let link = message.subscribe_url.as_deref().unwrap_or("missing");
    let reason = format!(
        "the topic {} asks whether it may deliver here; if you expect that, open this link within three days: {link}",
        message.topic
    );
    let (id, at) = (face.ports.ids.name(), face.ports.clock.now());
    let body = message.text.clone();
    face.ports.intake.quarantine(&Quarantined { id, at, reason, body }).await?;
    tracing::warn!(
        topic = message.topic,
        "a topic asks whether it may deliver here; `lockgate quarantine list` shows its link"
    );
    Ok("An operator has to confirm this.".to_owned())
}
