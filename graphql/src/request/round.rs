//! Rounds: what was submitted, what is being decided upon, and what people said.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use workflow::domain::decision::{Decision, Opinion};
use workflow::domain::permission::{may_know, may_view};
use workflow::domain::request::{Request, Round, StageEntry, Submission};
use workflow::domain::status::StatusWord;

use super::file::{self, FileConnection};
use crate::person::PersonView;
use crate::policy::StageView;
use crate::scalar::{DateTime, Long};
use crate::{call, limits, sentence};

/// What a reviewer can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Opinion", name = "Opinion")]
pub(crate) enum OpinionWord {
    /// The files may leave.
    Approve,
    /// The files may not leave.
    Reject,
    /// The requester has to change something first.
    Return,
}

/// How many files there are, and how large they are together.
#[derive(Debug, Clone, SimpleObject)]
pub(crate) struct Amount {
    /// Files.
    files: Long,
    /// Bytes.
    bytes: Long,
}

/// What one person said at one stage of one round about one manifest.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Decision")]
pub(crate) struct DecisionView {
    /// The id of the stage.
    stage: String,
    /// What people call the stage.
    stage_title: String,
    /// What was said.
    opinion: OpinionWord,
    /// Why.
    reason: Option<String>,
    /// Who said it.
    by: PersonView,
    /// Whether the viewer said it.
    mine: bool,
    /// When.
    decided_at: DateTime,
    /// The digest of the manifest that it is about.
    manifest_digest: String,
}

/// A round's stay at one stage.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "StageEntry")]
pub(crate) struct StageEntryView {
    /// The stage.
    stage: Option<StageView>,
    /// Since when.
    entered_at: DateTime,
    /// When it has to be decided.
    deadline_at: Option<DateTime>,
    /// When reviewers are reminded next.
    remind_at: Option<DateTime>,
    /// How often they were.
    reminders: u32,
    /// When somebody is told that it is getting late.
    escalate_at: Option<DateTime>,
}

/// What becomes of the bytes of a round that was not released.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Disposal")]
pub(crate) struct DisposalView {
    /// When the bytes are to be deleted.
    due_at: DateTime,
    /// Whether they are.
    deleted: bool,
}

/// One submission of a request.
#[derive(Debug, Clone)]
pub(crate) struct RoundView {
    pub(super) request: Arc<Request>,
    pub(super) number: u32,
}

impl RoundView {
    fn round(&self) -> &Round {
        self.request.rounds.iter().find(|round| round.number == self.number).unwrap_or_else(|| self.request.round())
    }
}

/// One submission of a request. A resubmission is the next round.
#[Object(name = "Round")]
impl RoundView {
    /// The request that it is a round of.
    async fn request(&self) -> ID {
        ID(self.request.id.to_string())
    }

    /// Counts from 1.
    async fn number(&self) -> u32 {
        self.number
    }

    /// When it came.
    async fn opened_at(&self) -> DateTime {
        self.round().opened_at.into()
    }

    /// What was declared, once it is known.
    async fn declared(&self) -> Option<Amount> {
        let round = self.round();
        let submitted = match &round.submission {
            Submission::Files(manifest) => Some(manifest),
            Submission::Notice(_) => None,
        };
        let manifest = round.declared.as_ref().or(submitted)?;
        Some(Amount { files: manifest.files.into(), bytes: manifest.bytes.into() })
    }

    /// How far it is frozen.
    async fn frozen(&self) -> Amount {
        let staging = &self.round().staging;
        Amount { files: staging.files.into(), bytes: staging.bytes.into() }
    }

    /// What is being decided upon, once everything is frozen.
    async fn reviewed(&self) -> Option<Amount> {
        let manifest = self.round().manifest.as_ref()?;
        Some(Amount { files: manifest.files.into(), bytes: manifest.bytes.into() })
    }

    /// The digest of the manifest: what a decision names. None before everything is frozen.
    async fn manifest_digest(&self) -> Option<String> {
        self.round().manifest.as_ref().map(|manifest| manifest.digest.to_string())
    }

    /// The stage that it is at, while it is in review.
    async fn stage(&self) -> Option<StageEntryView> {
        self.round().entry.as_ref().map(|entry| stage_entry(&self.request, entry))
    }

    /// What people said, the oldest first. At a blind stage that is open, everybody sees only what they said themselves.
    async fn decisions(&self, ctx: &async_graphql::Context<'_>) -> Result<Vec<DecisionView>> {
        let person = call(ctx)?.person().await?;
        let known = self.round().decisions.iter().filter(|decision| may_know(person, &self.request, decision));
        let view = |decision: &Decision| DecisionView {
            stage: decision.ballot.stage.to_string(),
            stage_title: sentence::title(&decision.ballot.stage, self.request.policy()),
            opinion: decision.ballot.opinion.into(),
            reason: decision.ballot.reason.as_ref().map(ToString::to_string),
            by: (&decision.by).into(),
            mine: decision.by.is_same_person(&person.who),
            decided_at: decision.decided_at.into(),
            manifest_digest: decision.ballot.manifest.to_string(),
        };
        Ok(known.map(view).collect())
    }

    /// Why it ended, where no reviewer's reason says it.
    async fn ended_because(&self) -> Option<String> {
        self.round().ended_because.as_ref().map(ToString::to_string)
    }

    /// What becomes of its bytes, once it ended without release.
    async fn disposal(&self) -> Option<DisposalView> {
        let disposal = self.round().disposal.as_ref()?;
        Some(DisposalView { due_at: disposal.due_at.into(), deleted: disposal.proof.is_some() })
    }

    /// Whether the bytes of its files can be looked into: once frozen, until they are released or deleted.
    async fn kept(&self) -> bool {
        let round = self.round();
        let is_deleted = round.disposal.as_ref().is_some_and(|disposal| disposal.proof.is_some());
        let is_released = matches!(self.request.status.word(), StatusWord::Released | StatusWord::Revoked);
        round.frozen.is_some() && !is_released && !is_deleted
    }

    /// Its files, in path order: what is decided upon once everything is frozen, what was declared before that.
    #[graphql(complexity = "limits::list(first, child_complexity)")]
    async fn files(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<FileConnection> {
        let call = call(ctx)?;
        match may_view(call.person().await?, &self.request) {
            Ok(may) => file::files(call, &may, (&self.request, self.number), (first, after)).await,
            Err(_) => Ok(FileConnection::none()),
        }
    }
}

fn stage_entry(request: &Request, entry: &StageEntry) -> StageEntryView {
    let stage = request.policy().and_then(|policy| policy.stages.iter().find(|stage| stage.id == entry.stage));
    StageEntryView {
        stage: stage.map(StageView::from),
        entered_at: entry.entered_at.into(),
        deadline_at: entry.deadline_at.map(DateTime),
        remind_at: entry.remind_at.map(DateTime),
        reminders: entry.reminders,
        escalate_at: entry.escalate_at.map(DateTime),
    }
}
