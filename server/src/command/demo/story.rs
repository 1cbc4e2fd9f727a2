//! The story, and its three ends.

use std::path::{Path, PathBuf};

use serde::Serialize;
use workflow::actions::decide;
use workflow::actions::receive::{self, Received};
use workflow::archive::Verification;
use workflow::domain::audit::{Event, Fact};
use workflow::domain::decision::{Ballot, Opinion};
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::release::RecordReference;
use workflow::domain::request::Request as Aggregate;
use workflow::domain::status::StatusWord;
use workflow::domain::text::Reason;
use workflow::ports::object_store::Area;

use super::super::init::PUBLIC_KEY;
use super::super::release;
use super::super::request::{current, find};
use super::super::source;
use super::follow::Follower;
use super::submission::Submission;
use super::{cast, sample};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::event::size;

/// Where the story is played: the people are there, and so is the policy.
pub(super) struct Stage<'a> {
    desk: &'a Desk,
    dir: &'a Path,
    output: &'a Output,
}

/// How the story ended, as JSON.
#[derive(Debug, Serialize)]
struct Ending {
    directory: PathBuf,
    request: RequestId,
    status: StatusWord,
    rounds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_sound: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_signed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_proof: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files_left: Option<usize>,
}

impl<'a> Stage<'a> {
    /// Enters the people and the policy.
    pub(super) async fn set(desk: &'a Desk, dir: &'a Path, output: &'a Output) -> Result<Self, Failure> {
        let policy = cast::assemble(&desk.ports).await?;
        output.line(format!("People, and the groups that they are in:\n{}", cast::listing())).await;
        let stages = policy.stages.iter().map(|stage| stage.title.as_str()).collect::<Vec<_>>().join(", then ");
        output
            .line(format!("Policy {}: {stages} must approve. What may not leave is deleted at once.\n", policy.label()))
            .await;
        Ok(Self { desk, dir, output })
    }

    /// Both reviewers approve; the files are released.
    pub(super) async fn approve(&self) -> Result<(), Failure> {
        let (id, _) = self.submit().await?;
        let mut follower = Follower::new(self.desk, self.output, id);
        self.see_released(id, &mut follower).await
    }

    /// The first reviewer rejects; the files are deleted, with proof.
    pub(super) async fn reject(&self) -> Result<(), Failure> {
        let (id, _) = self.submit().await?;
        let mut follower = Follower::new(self.desk, self.output, id);
        follower.until(is_waiting).await?;
        let reason = "One table counts seven people: too few to leave.";
        self.decide(id, cast::FIRST_REVIEWER, (Opinion::Reject, reason)).await?;
        follower.until(is_told).await?;
        if let Some(deleted) = follower.find(is_deletion) {
            return self.show_deleted(id, deleted).await;
        }
        // The chore that deletes comes round by itself; here nobody wants to wait for it.
        self.desk.house.do_chores().await;
        let deleted = follower.until(is_deletion).await?;
        self.show_deleted(id, &deleted).await
    }

    /// The first reviewer returns it; the second round is approved and released.
    pub(super) async fn send_back(&self) -> Result<(), Failure> {
        let (id, submission) = self.submit().await?;
        let mut follower = Follower::new(self.desk, self.output, id);
        follower.until(is_waiting).await?;
        let reason = "In output_0_0.csv one cell counts seven people. Please suppress it and submit again.";
        self.decide(id, cast::FIRST_REVIEWER, (Opinion::Return, reason)).await?;
        follower.until(is_told).await?;
        let clock = &*self.desk.ports.clock;
        let again = submission.again(self.desk.ports.ids.name(), clock)?;
        self.output.line("\nAda suppresses the cell; the platform gives notice of the store again.\n").await;
        match self.bring(again, "submission-2").await?.0 {
            Received::NextRound(same) if same == id => self.see_released(id, &mut follower).await,
            other => Err(unexpected(&other)),
        }
    }

    /// Submits what was recorded, as the platform would: from the workspace it came from, or, when that was played
    /// before, from another one.
    async fn submit(&self) -> Result<(RequestId, Submission), Failure> {
        let recorded = Submission::recorded()?;
        let is_played = self.desk.ports.requests.find_alias(recorded.notice()?.id).await?.is_some();
        let ids = &self.desk.ports.ids;
        let submission = if is_played { recorded.in_another_workspace(ids.name(), ids.name())? } else { recorded };
        match self.bring(submission, "submission-1").await? {
            (Received::Begun(id), submission) => Ok((id, submission)),
            (other, _) => Err(unexpected(&other)),
        }
    }

    /// Brings the researcher's files in and gives notice of them.
    async fn bring(&self, mut submission: Submission, name: &str) -> Result<(Received, Submission), Failure> {
        let folder = self.dir.join("sample").join(name);
        sample::lay_out(&folder, name != "submission-1").map_err(|error| {
            Failure::unreachable(format!("The sample cannot be written to {}: {error}.", shown(&folder)))
        })?;
        let loaded = submission.bring(self.desk, &folder).await?;
        let (files, bytes) = source::measure(&loaded);
        self.output
            .line(format!("{} from {} are in the source area, by version.", size(files, bytes), shown(&folder)))
            .await;
        let received = receive::run(&self.desk.ports, &submission.body()).await?;
        self.output.line("The platform's notice is taken. What happens now is read from the audit trail:\n").await;
        Ok((received, submission))
    }

    async fn see_released(&self, id: RequestId, follower: &mut Follower<'_>) -> Result<(), Failure> {
        follower.until(is_waiting).await?;
        let reason = "Counts are above the threshold; nobody can be told.";
        self.decide(id, cast::FIRST_REVIEWER, (Opinion::Approve, reason)).await?;
        follower.until(|fact| matches!(fact, Fact::StagePassed { .. })).await?;
        follower.until(is_waiting).await?;
        let reason = "The approval of Information Governance is on record; the files are what it names.";
        self.decide(id, cast::SECOND_REVIEWER, (Opinion::Approve, reason)).await?;
        follower.until(is_told).await?;
        self.show_released(id).await
    }

    async fn decide(&self, id: RequestId, email: &str, (opinion, reason): (Opinion, &str)) -> Result<(), Failure> {
        let request = find(self.desk, id).await?;
        let (stage, manifest) = current(&request)?;
        let reason = Some(Reason::parse(reason)?);
        let ballot = Ballot { round: request.round().number, stage, manifest, opinion, reason };
        let caller = self.desk.caller(&Email::parse(email)?).await?;
        decide::run(&self.desk.ports, &caller, id, ballot).await?;
        Ok(())
    }

    async fn show_released(&self, id: RequestId) -> Result<(), Failure> {
        let request = find(self.desk, id).await?;
        let archive = self.archive_of(&request)?;
        let key = self.desk.ports.sealer.public_key().await?;
        let verification = release::check(archive.clone(), Some(key)).await?;
        let ending = Ending {
            is_sound: Some(verification.is_sound()),
            is_signed: Some(verification.is_signed()),
            archive: Some(archive.clone()),
            ..self.ending(&request)
        };
        self.output.answer(&ending, || self.released_text(&archive, &verification)).await;
        release::conclude(&verification)
    }

    fn archive_of(&self, request: &Aggregate) -> Result<PathBuf, Failure> {
        let archive = request.release.as_ref().and_then(|release| release.archive.as_ref());
        let archive = archive.ok_or_else(|| Failure::bug("a request is released without an archive"))?;
        Ok(self.dir.join("release").join(&archive.key))
    }

    async fn show_deleted(&self, id: RequestId, deleted: &Event) -> Result<(), Failure> {
        let Fact::Deleted { proof, files } = &deleted.fact else { return Err(Failure::bug("the wrong event")) };
        let request = find(self.desk, id).await?;
        let proof = self.file_of(&request, proof);
        let left = self.desk.ports.objects.belongings(Area::Staging, id).await?.len();
        let ending = Ending { deletion_proof: Some(proof.clone()), files_left: Some(left), ..self.ending(&request) };
        let text = || {
            let count = |number: usize| if number == 0 { "none is".to_owned() } else { format!("{number} are") };
            format!("\nOf the {files} staged files {} left.\nproof of deletion  {}", count(left), shown(&proof))
        };
        self.output.answer(&ending, text).await;
        Ok(())
    }

    /// The file of a record.
    fn file_of(&self, request: &Aggregate, record: &RecordReference) -> PathBuf {
        let round = request.round().number.to_string();
        self.dir.join("blobs").join(request.id.to_string()).join(round).join(record.digest.hex())
    }

    fn ending(&self, request: &Aggregate) -> Ending {
        Ending {
            directory: self.dir.to_owned(),
            request: request.id,
            status: request.status.word(),
            rounds: request.round().number,
            archive: None,
            is_sound: None,
            is_signed: None,
            deletion_proof: None,
            files_left: None,
        }
    }

    fn released_text(&self, archive: &Path, verification: &Verification) -> String {
        let command =
            format!("{} release verify '{}' --key '{}'", program(), shown(archive), shown(&self.dir.join(PUBLIC_KEY)));
        format!("\n{}\n\nreleased  {}\nverify    {command}", release::text(verification), shown(archive))
    }
}

/// A path as it is shortest from here.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// The program, as it was called.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "lockgate".to_owned())
}

fn is_waiting(fact: &Fact) -> bool {
    matches!(fact, Fact::WaitBegan { .. })
}

fn is_deletion(fact: &Fact) -> bool {
    matches!(fact, Fact::Deleted { .. })
}

fn is_told(fact: &Fact) -> bool {
    matches!(fact, Fact::Told { .. })
}

fn unexpected(received: &Received) -> Failure {
    match received {
        Received::Quarantined { reason, .. } => {
            Failure::refused("QUARANTINED", format!("The demo's notice could not be taken: {reason}."))
        }
        other => Failure::bug(&format!("the demo's notice became {other:?}")),
    }
}
