//! Admit: claims the egress store and binds the policy.

use super::{Order, StepError};
use crate::amend::amend;
use crate::domain::policy::Policy;
use crate::domain::request::Request;
use crate::domain::slip::Slip;
use crate::domain::status::Status;
use crate::ports::{Kind, PortError, Ports};

/// Admits a request that was received. Again: nothing.
///
/// If the process dies between the claim and the commit, the store says that this request works on it, and the next
/// attempt claims it again.
pub async fn run(ports: &Ports, order: &Order) -> Result<Slip, StepError> {
    let request = order.request(ports).await?;
    if request.status == Status::Received {
        let policy = bind(ports, &request).await?;
        require_reviewers(ports, &request, &policy).await?;
        if let Some(store) = &request.store {
            ports.egress_stores.claim(store, request.id).await.map_err(|error| explain(error, store.as_str()))?;
        }
        amend(ports, request.id, |request, now| {
            request.require_run(order.slip.run)?;
            if request.status != Status::Received {
                return Ok(None);
            }
            Ok::<_, StepError>(Some(request.admit(policy.clone(), order.actor(), now)?))
        })
        .await?;
    }
    Ok(order.slip.clone())
}

/// The policy stays what it was when the request was first admitted.
async fn bind(ports: &Ports, request: &Request) -> Result<Policy, StepError> {
    match request.policy() {
        Some(policy) => Ok(policy.clone()),
        None => Ok(ports.policies.for_project(&request.project).await?),
    }
}

async fn require_reviewers(ports: &Ports, request: &Request, policy: &Policy) -> Result<(), StepError> {
    for stage in &policy.stages {
        let members = ports.people.members(&stage.group, Some(&request.project)).await?;
        let able = members.iter().filter(|m| !m.who.verified_emails.is_empty() && !request.is_of(&m.who)).count();
        if able < usize::try_from(stage.quorum).unwrap_or(usize::MAX) {
            return Err(StepError::Unmeetable(format!(
                "The stage {} of policy {} asks for {} approval(s) by members of {} who are not the requester, but there are {able} \
                 such people for project {}. The request is kept. Add reviewers, then retry it.",
                stage.title,
                policy.label(),
                stage.quorum,
                stage.group,
                request.project
            )));
        }
    }
    Ok(())
}

fn explain(error: PortError, store: &str) -> StepError {
    match error.kind {
        Kind::Missing => error.because(format!("the platform has no egress store {store}")).into(),
        Kind::Conflict => {
            error.because(format!("egress store {store} was released already, or another request works on it")).into()
        }
        Kind::Transient | Kind::Denied | Kind::Corrupt => error.into(),
    }
}
