//! Policies, readable.

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use workflow::domain::permission::may_audit;
use workflow::domain::policy::{OpenRequests, Policy, Silence, Stage};
use workflow::domain::text::ProjectId;

use crate::call;
use crate::scalar::Long;

/// One version of a policy: which stages a request passes, who decides there, and how long everything may take.
#[derive(Debug, Clone)]
pub(crate) struct PolicyView {
    pub(crate) policy: Policy,
    pub(crate) projects: Option<Vec<ProjectId>>,
}

/// What the deadline of a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Silence", name = "Silence")]
pub(crate) enum SilenceWord {
    /// The request goes on waiting.
    Wait,
    /// The request expires.
    Expire,
}

/// What happens to a second request of a store that has an open one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "OpenRequests", name = "OpenRequests")]
pub(crate) enum OpenRequestsWord {
    /// It waits until the first is over.
    Queue,
    /// It is not taken.
    Refuse,
}

/// One approval that a round must pass.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Stage")]
pub(crate) struct StageView {
    /// Its id.
    id: ID,
    /// What people call it.
    title: String,
    /// Whose members decide.
    group: String,
    /// How many different people have to approve.
    quorum: u32,
    /// Whether a reviewer sees what the others decided only after the stage has closed.
    blind: bool,
    /// How often reviewers are reminded, as in `2 working days`.
    remind_every: Option<String>,
    /// When the stage has to be decided, counted from its beginning.
    deadline: Option<String>,
    /// Who is told when it is getting late.
    escalate_to: Option<String>,
    /// What happens at the deadline when nobody closed the stage.
    silence: SilenceWord,
    /// The least number of characters that a reason has.
    reason_at_least: u32,
}

impl From<&Stage> for StageView {
    fn from(stage: &Stage) -> Self {
        Self {
            id: ID(stage.id.to_string()),
            title: stage.title.to_string(),
            group: stage.group.to_string(),
            quorum: stage.quorum,
            blind: stage.blind,
            remind_every: stage.remind_every.map(|span| span.to_string()),
            deadline: stage.deadline.map(|span| span.to_string()),
            escalate_to: stage.escalate_to.as_ref().map(ToString::to_string),
            silence: stage.silence.into(),
            reason_at_least: stage.reason_at_least,
        }
    }
}

/// Who may download a release, how often, and how long a link lives.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "DownloadRule")]
pub(crate) struct DownloadRuleView {
    /// How many downloads each person gets.
    limit: u32,
    /// How long a link lives.
    expires_after: String,
    /// Who gets them: `requester` or `group:` and a name.
    by: Vec<String>,
}

/// How much one request may hold.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Limits")]
pub(crate) struct LimitsView {
    /// Files of one request.
    files: Long,
    /// Bytes of one file.
    bytes_per_file: Long,
    /// Bytes of one request.
    bytes: Long,
}

/// One version of a policy: which stages a request passes, who decides there, and how long everything may take.
#[Object(name = "Policy")]
impl PolicyView {
    /// Its name.
    async fn name(&self) -> String {
        self.policy.name.to_string()
    }

    /// Counts its versions, from 1.
    async fn version(&self) -> u32 {
        self.policy.version
    }

    /// Whole numbers in tables from 1 to below this are marked for reviewers; 0 marks none.
    async fn small_counts_below(&self) -> u32 {
        self.policy.small_counts_below
    }

    /// Names the version, as in `two-stage v3`.
    async fn label(&self) -> String {
        self.policy.label()
    }

    /// The digest of the policy, as the audit names it.
    async fn digest(&self) -> String {
        self.policy.digest().to_string()
    }

    /// The time zone in which working days are counted.
    async fn timezone(&self) -> &str {
        &self.policy.timezone
    }

    /// Days that are not working days.
    async fn holidays(&self) -> Vec<String> {
        self.policy.holidays.iter().map(ToString::to_string).collect()
    }

    /// How long data that may not leave is kept before it is deleted.
    async fn keep_rejected_for(&self) -> String {
        self.policy.keep_rejected_for.to_string()
    }

    /// How long a returned request waits for its requester.
    async fn returned_for(&self) -> String {
        self.policy.returned_for.to_string()
    }

    /// Who may download a release, and how.
    async fn download(&self) -> DownloadRuleView {
        let rule = &self.policy.download;
        let by = rule.by.iter().map(ToString::to_string).collect();
        DownloadRuleView { limit: rule.limit, expires_after: rule.expires_after.to_string(), by }
    }

    /// What happens to a second request of a store that has an open one.
    async fn open_requests_per_store(&self) -> OpenRequestsWord {
        self.policy.open_requests_per_store.into()
    }

    /// Whether one person may decide at more than one stage.
    async fn one_person_may_decide_at_several_stages(&self) -> bool {
        self.policy.one_person_may_decide_at_several_stages
    }

    /// How much one request may hold.
    async fn limits(&self) -> LimitsView {
        let limits = &self.policy.limits;
        LimitsView {
            files: limits.files.into(),
            bytes_per_file: limits.bytes_per_file.into(),
            bytes: limits.bytes.into(),
        }
    }

    /// The stages, in order.
    async fn stages(&self) -> Vec<StageView> {
        self.policy.stages.iter().map(StageView::from).collect()
    }

    /// The document itself, in TOML.
    async fn document(&self) -> String {
        self.policy.to_toml()
    }

    /// The projects that it was assigned to by name: for operators and auditors, in the list of policies.
    async fn projects(&self, ctx: &async_graphql::Context<'_>) -> Result<Option<Vec<ID>>> {
        let may = may_audit(call(ctx)?.person().await?).is_ok();
        let projects = self.projects.as_ref().filter(|_| may);
        Ok(projects.map(|projects| projects.iter().map(|project| ID(project.to_string())).collect()))
    }
}
