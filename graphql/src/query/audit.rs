//! The audit chain of one request.

use async_graphql::{ID, Result, Union};
use workflow::actions::{ActionError, Caller, view};
use workflow::domain::access::Look;
use workflow::domain::permission::{Refusal, may_audit};

use crate::context::Context;
use crate::fault::{fault, fault_of};
use crate::refused::Refused;
use crate::request::{AuditConnection, audit_page};

/// A page of the chain, or why there is none.
#[derive(Debug, Clone, Union)]
pub(crate) enum AuditPayload {
    /// The page.
    Page(AuditConnection),
    /// The refusal.
    Refused(Refused),
}

pub(super) async fn answer(call: &Context, id: ID, page: (i32, Option<String>)) -> Result<AuditPayload> {
    let Ok(id) = id.parse() else { return Ok(AuditPayload::Refused(Refusal::NoSuchRequest.into())) };
    // Seeing the request comes first: who may not is told what somebody is told who asks for one that is not there.
    let seen = view::run(&call.ports, &call.caller, id).await;
    let request = match seen.and_then(|(person, request)| may_audit(&person).map(|_| request).map_err(Into::into)) {
        Ok(request) => request,
        Err(ActionError::Refused(refusal)) => return Ok(AuditPayload::Refused(refusal.into())),
        Err(error) => return Err(fault_of(call, error).into()),
    };
    Caller::log(&call.caller, &call.ports, Look::Audit).await.map_err(|error| fault(call, &error))?;
    audit_page(call, &request, page).await.map(AuditPayload::Page)
}
