//! The predecessor's schema (wire contract D6): its type names, its nullability and its sentences, over our actions.
//!
//! What its clients send about themselves (names, addresses, dates, counts) is ignored: the caller is who signed in.
//! Its `task_token` is a code of ours that proves what was seen, and never the workflow's own token.

mod input;
mod proof;
mod request;

use async_graphql::{EmptySubscription, Error, ErrorExtensions, Object, Result, SimpleObject};
use workflow::actions::{self, ActionError};
use workflow::domain::decision::Ballot;
use workflow::domain::permission::{Refusal, may_decide};
use workflow::domain::person::Person;
use workflow::domain::request::Request;
use workflow::domain::status::StatusWord;
use workflow::ports::request_store::Pattern;

use crate::context::Context;
use crate::fault::{fault, fault_of};
use crate::limits::MUTATION;
use crate::list::{List, NoPage, Place};
use crate::mutation::{download_path, link};
use crate::schema::{Profile, limited, run, sdl_of};
use crate::{Request as Call, Response, call};
use input::{DownloadDataInput, UpdateRequestInput};
use request::RequestView;

/// How many closed requests are listed: the newest.
const CLOSED: usize = 1_000;
/// Who may list requests and decide.
const REVIEWERS: [&str; 2] = ["InformationGovernance", "TREAdmin"];
/// Who may download.
const DOWNLOADERS: [&str; 1] = ["InformationGovernance"];

const UPDATED: &str = "Request updated successfully";
const INVALID: &str = "Request has not been updated due to invalid input";
const NOT_AUTHORISED: &str = "You are not authorised to update this request at this time";
const MOVED: &str = "Another user may have updated this request. Please refresh to get the latest data";
const UNDETERMINED: &str = "Unable to determine the status of the request. Please refresh and retry";

/// The predecessor's schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema, once per process.
pub fn schema(profile: Profile) -> Schema {
    limited(Schema::build(Query, Mutation, EmptySubscription), profile).finish()
}

/// The schema as text, in a stable order.
pub fn sdl() -> String {
    sdl_of(&schema(Profile::Local))
}

/// Executes one call, under the same rules as [`crate::execute`].
pub async fn execute(schema: &Schema, request: Call, context: Context) -> Response {
    run(schema, request, context).await
}

/// The groups that a field is for.
pub(crate) fn groups(field: &str) -> Option<&'static [&'static str]> {
    match field {
        "listRequests" | "updateRequest" => Some(&REVIEWERS),
        "downloadData" => Some(&DOWNLOADERS),
        _ => None,
    }
}

/// What its clients read.
#[derive(Debug, Clone, Copy)]
pub struct Query;

/// What its clients do.
#[derive(Debug, Clone, Copy)]
pub struct Mutation;

/// Where the archive can be had.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "presign_payload")]
pub(crate) struct PresignPayload {
    /// The link, for the caller alone.
    #[graphql(name = "presign_url")]
    presign_url: Option<String>,
}

#[Object]
impl Query {
    /// All open requests and the newest 1,000 closed ones that the caller may see.
    #[graphql(name = "listRequests", complexity = "50 + child_complexity")]
    async fn list_requests(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Vec<Option<RequestView>>>> {
        let call = call(ctx)?;
        let person = call.person().await?;
        require(call, person, &REVIEWERS)?;
        let mut rows = list(call, person, vec![Pattern::Open], usize::MAX).await?;
        // Closed requests are kept by status, the oldest first; of all requests, the newest are what is wanted.
        rows.extend(list(call, person, vec![Pattern::All], CLOSED).await?);
        let mut answered = Vec::with_capacity(rows.len());
        for row in rows {
            answered.push(Some(RequestView::of(call, person, row).await?));
        }
        Ok(Some(answered))
    }
}

#[Object]
impl Mutation {
    /// Decides at the stage that the request is at.
    #[graphql(name = "updateRequest", complexity = "MUTATION + child_complexity")]
    async fn update_request(
        &self,
        ctx: &async_graphql::Context<'_>,
        request: UpdateRequestInput,
    ) -> Result<Option<String>> {
        update(call(ctx)?, request).await.map(|sentence| Some(sentence.to_owned()))
    }

    /// Answers where a release can be had; nothing if it cannot.
    #[graphql(name = "downloadData", complexity = "MUTATION + child_complexity")]
    async fn download_data(
        &self,
        ctx: &async_graphql::Context<'_>,
        request: DownloadDataInput,
    ) -> Result<Option<PresignPayload>> {
        let call = call(ctx)?;
        require(call, call.person().await?, &DOWNLOADERS)?;
        let Some(id) = request.request_id() else { return Ok(None) };
        match actions::grant_download::run(&call.ports, &call.caller, id).await {
            Ok(granted) => {
                let url = link(call, &download_path(granted.request, &granted.secret));
                Ok(Some(PresignPayload { presign_url: Some(url) }))
            }
            Err(ActionError::Refused(_)) => Ok(None),
            Err(error) => Err(fault_of(call, error).into()),
        }
    }
}

/// The predecessor's own gate: its operations are for the members of its groups. What a member may see and do of one
/// request is asked of that request.
fn require(call: &Context, person: &Person, groups: &[&str]) -> Result<()> {
    if groups.iter().any(|group| person.is_anywhere_in(group)) { Ok(()) } else { Err(refused(call, "Unauthorized")) }
}

async fn list(call: &Context, person: &Person, patterns: Vec<Pattern>, most: usize) -> Result<Vec<Request>> {
    let is_closed = patterns == [Pattern::All];
    let list = List {
        ports: &call.ports,
        person,
        patterns,
        wants: Box::new(move |row, _| !is_closed || row.status.is_over()),
    };
    let (mut rows, mut place) = (Vec::new(), Some(Place::default()));
    while let Some(start) = place.filter(|_| rows.len() < most) {
        let found = list.page(most - rows.len(), start).await.map_err(|error| match error {
            NoPage::BadPlace => refused(call, UNDETERMINED),
            NoPage::Port(error) => fault(call, &error).into(),
        })?;
        rows.extend(found.rows);
        place = found.next;
    }
    Ok(rows)
}

async fn update(call: &Context, input: UpdateRequestInput) -> Result<&'static str> {
    let person = call.person().await?;
    require(call, person, &REVIEWERS)?;
    let missing = format!("No matching egress request found for egress request: {}", input.shown_id());
    let Some(id) = input.request_id() else { return Err(refused(call, &missing)) };
    let (person, request) = match actions::view::run(&call.ports, &call.caller, id).await {
        Ok(seen) => seen,
        Err(ActionError::Refused(_)) => return Err(refused(call, &missing)),
        Err(error) => return Err(fault_of(call, error).into()),
    };
    let may = may_decide(&person, &request).map_err(|refusal| refused(call, sentence(&refusal)))?;
    let Some(ballot) = ballot(&request, may.stage(), &input) else { return Ok(INVALID) };
    let now = call.ports.clock.now();
    let seen = proof::Seen::of(&request, &person).ok_or_else(|| refused(call, UNDETERMINED))?;
    if !seen.is_proven_by(call, &input.task_token, now).await.map_err(|error| fault(call, &error))? {
        return Err(refused(call, MOVED));
    }
    match actions::decide::run(&call.ports, &call.caller, id, ballot).await {
        Ok(_) => Ok(UPDATED),
        Err(ActionError::Refused(Refusal::ReasonTooShort { .. })) => Ok(INVALID),
        Err(ActionError::Refused(refusal)) => Err(refused(call, sentence(&refusal))),
        Err(error) => Err(fault_of(call, error).into()),
    }
}

/// What its client says, about what the request is now: whether that is what it saw, its token proves.
fn ballot(request: &Request, stage: usize, input: &UpdateRequestInput) -> Option<Ballot> {
    let said = if stage == 0 { input.first() } else { input.second() };
    let round = request.round();
    Some(Ballot {
        round: round.number,
        stage: request.policy()?.stage(stage)?.id.clone(),
        manifest: round.manifest.as_ref()?.digest,
        opinion: said.opinion()?,
        reason: Some(said.reason()?),
    })
}

/// The predecessor's sentence for one of our refusals.
fn sentence(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Stale { .. } | Refusal::StageClosed => MOVED,
        Refusal::NotInReview { status } if status.is_over() || *status == StatusWord::Releasing => MOVED,
        Refusal::NotInReview { .. } => UNDETERMINED,
        _ => NOT_AUTHORISED,
    }
}

/// The predecessor answers refusals as errors.
fn refused(call: &Context, sentence: &str) -> Error {
    let correlation_id = call.correlation_id.clone();
    Error::new(sentence).extend_with(|_, extensions| {
        extensions.set("code", crate::Code::Forbidden.as_str());
        extensions.set("correlationId", correlation_id);
    })
}
