//! `RecordFailure`: every catch ends here.

use serde::Deserialize;

use super::{Order, StepError};
use crate::amend::amend;
use crate::domain::request::Request;
use crate::domain::slip::{Failure, Slip};
use crate::domain::status::{Cause, Status};
use crate::ports::Ports;

/// Records on the request what broke: it then waits for an operator, who is told. Again, or when the request is over:
/// nothing.
///
/// The egress store stays the request's: it is to go on, and a second submission meanwhile would race it.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    amend(ports, order.slip.request, |request, now| {
        request.require_run(order.slip.run)?;
        if !request.status.is_running() {
            return Ok(None);
        }
        let cause = explain(request, order.slip.failure.as_ref());
        Ok::<_, StepError>(Some(request.fail(order.slip.run, cause, order.actor(), now)?))
    })
    .await?;
    Ok(order.slip.clone())
}

fn explain(request: &Request, failure: Option<&Failure>) -> Cause {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Thrown {
        error_message: String,
    }
    let (error, sentence) = match failure {
        Some(Failure { error, cause }) if error == "States.Timeout" => {
            (error.clone(), format!("It took longer than the definition allows. {cause}").trim_end().to_owned())
        }
        Some(Failure { error, cause }) => {
            let thrown = serde_json::from_str::<Thrown>(cause).map(|thrown| thrown.error_message);
            (error.clone(), thrown.unwrap_or_else(|_| cause.clone()))
        }
        None => ("States.Runtime".to_owned(), "The workflow took a branch that it should not have.".to_owned()),
    };
    Cause { state: state_of(&request.status).to_owned(), error, sentence }
}

/// The state whose work the status says was under way.
fn state_of(status: &Status) -> &'static str {
    match status {
        Status::Received | Status::Queued => "Admit",
        Status::Admitted | Status::Staging => "Stage",
        Status::InReview { .. } => "Tally",
        Status::Releasing => "Release",
        Status::Rejecting { .. } => "Reject",
        Status::Released | Status::Revoked | Status::Rejected | Status::Returned => "Tell",
        Status::Withdrawn | Status::Expired => "Tell",
        Status::Failed { .. } => "RecordFailure",
    }
}
