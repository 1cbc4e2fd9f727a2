//! What people and machines may ask. An action checks, lets the aggregate make the change, commits it and wakes the
//! workflow; what it refuses is refused in a sentence, is on the access log, and has changed nothing.

pub mod abort;
pub mod administer;
pub mod caller;
pub mod comment;
pub mod create_upload;
pub mod decide;
pub mod finish_upload;
pub mod give_time_back;
pub mod grant_download;
pub mod list_files;
pub mod look;
pub mod offer;
pub mod receive;
pub mod redeem;
pub mod replay_quarantined;
pub mod report_bounce;
pub mod resubmit;
pub mod retry;
pub mod retry_message;
pub mod revoke;
pub mod submit;
pub mod view;
pub mod withdraw;

pub use caller::Caller;

use jiff::Timestamp;

use crate::amend::amend;
use crate::domain::access::{Access, Look};
use crate::domain::change::Change;
use crate::domain::id::RequestId;
use crate::domain::permission::Refusal;
use crate::domain::person::Person;
use crate::domain::request::Request;
use crate::domain::status::IllegalTransition;
use crate::ports::sealer::TokenContext;
use crate::ports::{Kind, PortError, Ports};

/// Why an action did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// It was refused: nothing was changed.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A port failed: whether something was changed, the request says.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl From<IllegalTransition> for ActionError {
    fn from(error: IllegalTransition) -> Self {
        Self::Refused(error.into())
    }
}

/// Changes a request on behalf of a caller. The directory is asked for the caller at this very moment; a refusal is
/// written to the access log.
async fn act(
    ports: &Ports,
    caller: &Caller,
    (name, id): (&str, RequestId),
    make: impl Fn(&Person, &Request, Timestamp) -> Result<Option<Change>, ActionError>,
) -> Result<Request, ActionError> {
    let result = match caller.person(ports).await {
        Ok(person) => amend(ports, id, |request, now| make(&person, request, now)).await.map_err(hide_missing),
        Err(error) => Err(error),
    };
    if let Err(ActionError::Refused(refusal)) = &result {
        caller.log(ports, refused(Some(id), name, refusal)).await?;
    }
    result
}

/// A request that does not exist is refused like one that the caller may not know of.
fn hide_missing(error: ActionError) -> ActionError {
    match error {
        ActionError::Port(port) if port.kind == Kind::Missing && port.port == "request store" => {
            Refusal::NoSuchRequest.into()
        }
        other => other,
    }
}

fn refused(request: Option<RequestId>, action: &str, refusal: &Refusal) -> Look {
    Look::Refused { request, action: action.to_owned(), code: refusal.code().to_owned() }
}

/// Wakes the workflow if it waits. What was committed stands whether or not this works: the wait itself and the sweep
/// look for it too.
async fn wake(ports: &Ports, request: &Request) -> bool {
    let Some(waiting) = request.waiting.as_ref() else { return false };
    let context = TokenContext { request: request.id, run: waiting.run };
    match ports.sealer.open(&waiting.token, context).await {
        Ok(token) => ports.orchestrator.wake(&token).await.is_ok(),
        Err(_) => false,
    }
}

impl Caller {
    /// Writes to the access log what this caller did.
    pub async fn log(&self, ports: &Ports, what: Look) -> Result<(), PortError> {
        let access = Access {
            at: ports.clock.now(),
            person: Some(self.who.email.clone()),
            system_user: self.system_user.clone(),
            origin: self.origin.clone(),
            what,
        };
        ports.access_log.append(&access).await
    }
}
