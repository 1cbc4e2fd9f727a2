//! Requests as they are shown: without tokens, tickets and whatever else is the server's alone.

use jiff::Timestamp;
use serde::Serialize;
use workflow::domain::audit::Head;
use workflow::domain::decision::Decision;
use workflow::domain::email::Email;
use workflow::domain::id::{RequestId, RoundNumber, RunNumber};
use workflow::domain::manifest::{Manifest, ManifestReference, Verified};
use workflow::domain::release::{PublishedArchive, RecordReference};
use workflow::domain::request::{Request, Round};
use workflow::domain::status::{Cause, Status, StatusWord};
use workflow::domain::text::{ProjectId, Reason, StageId, StoreId, Title, WorkspaceId};

use super::event::size;
use super::{fields, instant, number, table};

/// A request as it is shown.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) id: RequestId,
    pub(crate) status: StatusWord,
    title: Title,
    project: ProjectId,
    workspace: WorkspaceId,
    store: Option<StoreId>,
    purpose: Option<Reason>,
    requesters: Vec<Email>,
    received_at: Timestamp,
    updated_at: Timestamp,
    policy: Option<String>,
    run: RunNumber,
    pub(crate) round: RoundNumber,
    stage: Option<ShownStage>,
    failure: Option<Cause>,
    answer_by: Option<Timestamp>,
    release: Option<PublishedArchive>,
    rounds: Vec<ShownRound>,
    audit: Head,
}

/// The stage that waits for people.
#[derive(Debug, Clone, Serialize)]
struct ShownStage {
    number: usize,
    of: usize,
    id: StageId,
    title: Title,
    deadline_at: Option<Timestamp>,
}

/// A round as it is shown.
#[derive(Debug, Clone, Serialize)]
struct ShownRound {
    number: RoundNumber,
    opened_at: Timestamp,
    manifest: Option<ManifestReference>,
    decisions: Vec<ShownDecision>,
    ended_because: Option<Reason>,
    deletion_proof: Option<RecordReference>,
    delete_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
struct ShownDecision {
    stage: StageId,
    opinion: &'static str,
    by: Email,
    decided_at: Timestamp,
    reason: Option<Reason>,
}

/// A file that is being decided upon.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ShownFile {
    path: String,
    size: u64,
    digest: String,
    source_version: String,
}

impl From<&Request> for Shown {
    fn from(request: &Request) -> Self {
        Self {
            id: request.id,
            status: request.status.word(),
            title: request.title.clone(),
            project: request.project.clone(),
            workspace: request.workspace.clone(),
            store: request.store.clone(),
            purpose: request.purpose.clone(),
            requesters: request.requesters.iter().map(|who| who.email.clone()).collect(),
            received_at: request.received_at,
            updated_at: request.updated_at,
            policy: request.policy().map(workflow::domain::policy::Policy::label),
            run: request.run,
            round: request.round().number,
            stage: stage(request),
            failure: match &request.status {
                Status::Failed { cause, .. } => Some(cause.clone()),
                _ => None,
            },
            answer_by: request.answer_by,
            release: request.release.as_ref().and_then(|release| release.archive.clone()),
            rounds: request.rounds.iter().map(ShownRound::from).collect(),
            audit: request.head,
        }
    }
}

fn stage(request: &Request) -> Option<ShownStage> {
    let Status::InReview { stage: index, .. } = request.status else { return None };
    let policy = request.policy()?;
    let stage = policy.stage(index)?;
    Some(ShownStage {
        number: index + 1,
        of: policy.stages.len(),
        id: stage.id.clone(),
        title: stage.title.clone(),
        deadline_at: request.round().entry.as_ref().and_then(|entry| entry.deadline_at),
    })
}

impl From<&Round> for ShownRound {
    fn from(round: &Round) -> Self {
        let disposal = round.disposal.as_ref();
        Self {
            number: round.number,
            opened_at: round.opened_at,
            manifest: round.manifest.clone(),
            decisions: round.decisions.iter().map(ShownDecision::from).collect(),
            ended_because: round.ended_because.clone(),
            deletion_proof: disposal.and_then(|disposal| disposal.proof.clone()),
            delete_at: disposal.map(|disposal| disposal.due_at),
        }
    }
}

impl From<&Decision> for ShownDecision {
    fn from(decision: &Decision) -> Self {
        Self {
            stage: decision.ballot.stage.clone(),
            opinion: decision.ballot.opinion.as_str(),
            by: decision.by.email.clone(),
            decided_at: decision.decided_at,
            reason: decision.ballot.reason.clone(),
        }
    }
}

/// The files of a manifest as they are shown.
pub(crate) fn files(manifest: &Manifest<Verified>) -> Vec<ShownFile> {
    let shown = |file: &Verified| ShownFile {
        path: file.declared.path.to_string(),
        size: file.declared.size,
        digest: file.digest.to_string(),
        source_version: file.declared.source.version.clone(),
    };
    manifest.files().iter().map(shown).collect()
}

impl Shown {
    /// Where it stands, in a few words.
    fn standing(&self) -> String {
        match (&self.stage, &self.failure) {
            (Some(stage), _) => format!("in review: {} (stage {} of {})", stage.title, stage.number, stage.of),
            (None, Some(cause)) => format!("failed in {}: {}", cause.state, cause.sentence),
            (None, None) => self.status.as_str().replace('_', " "),
        }
    }

    /// One line: the request and where it stands.
    pub(crate) fn line(&self) -> String {
        format!("{}  {}, round {}", self.id, self.standing(), self.round)
    }

    /// Everything, for somebody who is about to decide.
    pub(crate) fn page(&self, files: &[ShownFile]) -> String {
        let mut page = format!("{}\n\n{}", self.line(), fields(&self.facts()));
        if !files.is_empty() {
            let row = |file: &ShownFile| vec![format!("  {}", file.path), number(file.size), file.digest.clone()];
            let rows = files.iter().map(row).collect::<Vec<_>>();
            page = page + "\n" + &table(&["  file", "bytes", "digest"], &rows);
        }
        let decisions = self.decisions();
        if !decisions.is_empty() {
            page = page + "\n" + &table(&["  round", "stage", "decision", "by", "at", "reason"], &decisions);
        }
        page.push_str(&self.advice());
        page
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("title", self.title.to_string()),
            ("project", self.project.to_string()),
            ("workspace", self.workspace.to_string()),
            ("requester", self.requesters.iter().map(Email::as_str).collect::<Vec<_>>().join(", ")),
            ("received", instant(self.received_at)),
        ];
        let mut add = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
        add("purpose", self.purpose.as_ref().map(ToString::to_string));
        add("policy", self.policy.clone());
        add("deadline", self.stage.as_ref().and_then(|stage| stage.deadline_at).map(instant));
        add("answer by", self.answer_by.map(instant));
        let round = self.rounds.last();
        let manifest = round.and_then(|round| round.manifest.as_ref());
        add(
            "manifest",
            manifest.map(|manifest| format!("{} ({})", manifest.digest, size(manifest.files, manifest.bytes))),
        );
        add("sent back", round.and_then(|round| round.ended_because.as_ref()).map(ToString::to_string));
        let release = self.release.as_ref();
        add("archive", release.map(|archive| format!("{} ({} bytes)", archive.digest, number(archive.size))));
        let proof = round.and_then(|round| round.deletion_proof.as_ref());
        add("deleted", proof.map(|proof| format!("proof {}", proof.digest)));
        let keeps = round.filter(|round| round.deletion_proof.is_none()).and_then(|round| round.delete_at);
        add("kept until", keeps.map(instant));
        facts
    }

    fn decisions(&self) -> Vec<Vec<String>> {
        let row = |round: &ShownRound, decision: &ShownDecision| {
            vec![
                format!("  {}", round.number),
                decision.stage.to_string(),
                decision.opinion.to_owned(),
                decision.by.to_string(),
                instant(decision.decided_at),
                decision.reason.as_ref().map_or_else(String::new, |reason| reason.as_str().replace('\n', " ")),
            ]
        };
        self.rounds.iter().flat_map(|round| round.decisions.iter().map(move |decision| row(round, decision))).collect()
    }

    /// How to decide upon exactly what is shown here.
    fn advice(&self) -> String {
        let manifest = self.rounds.last().and_then(|round| round.manifest.as_ref());
        let Some((stage, manifest)) = self.stage.as_ref().zip(manifest) else { return String::new() };
        format!(
            "\nDecide upon exactly this with --approve, --reject or --return:\n  lockgate request decide {} --as EMAIL --approve --reason TEXT \\\n    --round {} --stage {} --manifest {}\n",
            self.id, self.round, stage.id, manifest.digest
        )
    }
}

/// Requests as a table.
pub(crate) fn list(requests: &[Shown]) -> String {
    if requests.is_empty() {
        return "There are no such requests.".to_owned();
    }
    let row = |request: &Shown| {
        vec![
            request.id.to_string(),
            request.standing(),
            request.project.to_string(),
            request.requesters.first().map_or_else(String::new, ToString::to_string),
            instant(request.updated_at),
            request.title.to_string(),
        ]
    };
    table(
        &["request", "status", "project", "requester", "changed", "title"],
        &requests.iter().map(row).collect::<Vec<_>>(),
    )
}
