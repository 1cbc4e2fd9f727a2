//! Who asks.

use async_graphql::{ID, Object, Result, SimpleObject};
use workflow::domain::permission::{may_audit, may_operate, may_submit};
use workflow::domain::person::{Membership, Person, RESEARCHERS, Scope};
use workflow::domain::request::Request;
use workflow::domain::status::StatusWord;
use workflow::domain::text::ProjectId;
use workflow::ports::outbox::Drawer;
use workflow::ports::request_store::Pattern;

use super::filter::{RequestListInput, RequestPattern};
use crate::call;
use crate::context::Context;
use crate::fault::fault;
use crate::limits::COUNTED;
use crate::list::{List, NoPage, Place};
use crate::refused::Refused;
use crate::request::Leave;

/// Who asks, what they may do, and what waits for them.
#[derive(Debug, Clone)]
pub(crate) struct Viewer(pub(super) Person);

/// A membership of one group.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Membership")]
pub(crate) struct MembershipView {
    /// The group.
    group: String,
    /// The projects in which it counts; none if it counts in every project.
    projects: Option<Vec<ID>>,
}

/// What the viewer may do at all.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct ViewerCan {
    /// Submit files of some project.
    submit: bool,
    /// Retry, abort, revoke, and see what is stuck.
    operate: Leave,
    /// Read the audit.
    audit: Leave,
}

/// How many there are: counted up to 100, on at most 1,000 rows.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub(crate) struct Count {
    /// How many were counted.
    number: u32,
    /// Whether that is all of them; if not, there may be more.
    complete: bool,
}

/// What waits for the viewer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting;

/// Who asks, what they may do, and what waits for them.
#[Object]
impl Viewer {
    /// Their name.
    async fn name(&self) -> &str {
        self.0.who.name.as_str()
    }

    /// Their address.
    async fn email(&self) -> &str {
        self.0.who.email.as_str()
    }

    /// Whether an issuer vouches for an address of theirs; who has none may not decide.
    async fn verified(&self) -> bool {
        !self.0.who.verified_emails.is_empty()
    }

    /// The groups that they are in.
    async fn groups(&self) -> Vec<MembershipView> {
        let view = |membership: &Membership| MembershipView {
            group: membership.group.to_string(),
            projects: match &membership.scope {
                Scope::Everywhere => None,
                Scope::Projects(projects) => Some(projects.iter().map(|p| ID(p.to_string())).collect()),
            },
        };
        self.0.memberships.iter().map(view).collect()
    }

    /// What they may do at all.
    async fn can(&self) -> ViewerCan {
        ViewerCan {
            submit: !self.0.disabled && self.0.is_anywhere_in(RESEARCHERS),
            operate: may_operate(&self.0).map(drop).into(),
            audit: may_audit(&self.0).map(drop).into(),
        }
    }

    /// Whether they may submit files of one project.
    async fn may_submit(&self, project: String) -> Leave {
        match ProjectId::parse(project) {
            Ok(project) => may_submit(&self.0, &project).map(drop).into(),
            Err(bad) => Leave::none(Refused::input("project", &bad.to_string())),
        }
    }

    /// What waits for them.
    async fn waiting(&self) -> Waiting {
        Waiting
    }
}

/// What waits for the viewer. Each is counted when it is asked for.
#[Object]
impl Waiting {
    /// Requests that wait for their decision.
    #[graphql(complexity = "20 + child_complexity")]
    async fn decisions(&self, ctx: &async_graphql::Context<'_>) -> Result<Count> {
        count(call(ctx)?, RequestListInput::of(RequestPattern::WaitingForMe), |_| true).await
    }

    /// Requests of theirs that are not over.
    #[graphql(complexity = "20 + child_complexity")]
    async fn open(&self, ctx: &async_graphql::Context<'_>) -> Result<Count> {
        count(call(ctx)?, RequestListInput::of(RequestPattern::Mine), |row| !row.status.is_over()).await
    }

    /// Requests of theirs that were returned and wait for them.
    #[graphql(complexity = "20 + child_complexity")]
    async fn returned(&self, ctx: &async_graphql::Context<'_>) -> Result<Count> {
        let call = call(ctx)?;
        // Few are returned at any time; who asked often has many others, which would all be walked.
        let who = &call.person().await?.who;
        count(call, RequestListInput::in_status(StatusWord::Returned.into()), |row| row.is_of(who)).await
    }

    /// Requests that broke; for operators.
    #[graphql(complexity = "20 + child_complexity")]
    async fn failed(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Count>> {
        let call = call(ctx)?;
        if may_operate(call.person().await?).is_err() {
            return Ok(None);
        }
        count(call, RequestListInput::in_status(StatusWord::Failed.into()), |_| true).await.map(Some)
    }

    /// Notices that could not be taken; for operators.
    #[graphql(complexity = "10 + child_complexity")]
    async fn quarantined(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Count>> {
        let call = call(ctx)?;
        if may_operate(call.person().await?).is_err() {
            return Ok(None);
        }
        let items = call.ports.intake.list(COUNTED).await.map_err(|error| fault(call, &error))?;
        Ok(Some(Count::of(items.len())))
    }

    /// Messages that were given up; for operators.
    #[graphql(complexity = "10 + child_complexity")]
    async fn undeliverable(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Count>> {
        let call = call(ctx)?;
        if may_operate(call.person().await?).is_err() {
            return Ok(None);
        }
        let postings = call.ports.outbox.list(Drawer::Undeliverable, COUNTED).await;
        Ok(Some(Count::of(postings.map_err(|error| fault(call, &error))?.len())))
    }
}

impl Count {
    fn of(rows: usize) -> Self {
        Self { number: u32::try_from(rows).unwrap_or(COUNTED), complete: rows < COUNTED as usize }
    }
}

async fn count(
    call: &Context,
    list: RequestListInput,
    wants: impl Fn(&Request) -> bool + Send + Sync,
) -> Result<Count> {
    let person = call.person().await?;
    let Ok(asked) = list.resolve(person) else { return Ok(Count { number: 0, complete: true }) };
    let patterns: Vec<Pattern> = asked.patterns.clone();
    let list = List {
        ports: &call.ports,
        person,
        patterns,
        wants: Box::new(|row, index| asked.holds(person, row, index) && wants(row)),
    };
    match list.page(COUNTED as usize, Place::default()).await {
        Ok(found) => {
            Ok(Count { number: u32::try_from(found.rows.len()).unwrap_or(COUNTED), complete: found.next.is_none() })
        }
        Err(NoPage::BadPlace) => Ok(Count { number: 0, complete: true }),
        Err(NoPage::Port(error)) => Err(fault(call, &error).into()),
    }
}
