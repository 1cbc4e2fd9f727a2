//! Requests in different states, so that every page has something to show.
//!
//! Where a scene stands is read from its request alone: what was played before is not played again, and what somebody
//! has done meanwhile stays.

mod script;

use std::path::{Path, PathBuf};

use workflow::actions::receive;
use workflow::actions::submit::Submission as Ask;
use workflow::actions::{comment, decide, resubmit, submit};
use workflow::domain::decision::{Ballot, Opinion};
use workflow::domain::digest::Digest;
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::request::Request;
use workflow::domain::status::Status;
use workflow::domain::text::{ProjectId, Reason, Title, WorkspaceId};

use super::super::request::{current, rest::rested};
use super::super::source;
use super::super::submit::manifest;
use super::sample;
use super::submission::Submission;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::output::Output;

/// A file: its name, and its bytes.
type File = (&'static str, &'static [u8]);

/// One request, and what happens to it.
struct Scene {
    id: &'static str,
    by: &'static str,
    project: &'static str,
    title: &'static str,
    purpose: &'static str,
    files: &'static [File],
    acts: &'static [Act],
}

/// Something that somebody does once the request stands where they may.
struct Act {
    by: &'static str,
    at: Mark,
    what: What,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// In review: which round, and which stage from 0.
    Review(u32, usize),
    /// Returned, in which round.
    Returned(u32),
}

/// What somebody does.
enum What {
    Decide(Opinion, &'static str),
    Comment(&'static str),
    Resubmit(&'static [File]),
}

/// Brings every scene to where it should stand, and says so. Again: what is missing.
pub(super) async fn play(desk: &Desk, dir: &Path, output: &Output) -> Result<(), Failure> {
    let first = receive_recorded(desk, dir).await?;
    say(output, &rested(desk, first).await?).await;
    for scene in script::SCENES {
        say(output, &scene.play(desk, dir).await?).await;
    }
    quarantine(desk).await
}

async fn say(output: &Output, request: &Request) {
    output.line(format!("  {:<53}  {}", request.title.as_str(), standing(request))).await;
}

/// Where a request stands, in a few words.
fn standing(request: &Request) -> String {
    let stage = match &request.status {
        Status::InReview { stage, .. } => request.policy().and_then(|policy| policy.stage(*stage)),
        _ => None,
    };
    let round = request.round().number;
    match stage {
        Some(stage) if round > 1 => format!("waits for {}, round {round}", stage.title),
        Some(stage) => format!("waits for {}", stage.title),
        None if matches!(request.status, Status::Failed { .. }) => "failed; waits for the operator".to_owned(),
        None => request.status.word().as_str().replace('_', " "),
    }
}

/// The platform's notice, as it was recorded, and the files that it is about.
async fn receive_recorded(desk: &Desk, dir: &Path) -> Result<RequestId, Failure> {
    let mut recorded = Submission::recorded()?;
    let id = recorded.notice()?.id;
    if desk.ports.requests.find_alias(id).await?.is_none() {
        let folder = dir.join("sample").join("submission-1");
        sample::lay_out(&folder, false).map_err(|error| unwritten(&folder, &error))?;
        recorded.bring(desk, &folder).await?;
        receive::run(&desk.ports, &recorded.body()).await?;
    }
    Ok(id)
}

/// A notice that names no project: it is kept for an operator.
async fn quarantine(desk: &Desk) -> Result<(), Failure> {
    let kept = desk.ports.intake.list(1).await?;
    if kept.is_empty() {
        receive::run(&desk.ports, script::UNUSABLE_NOTICE.as_bytes()).await?;
    }
    Ok(())
}

fn unwritten(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::unreachable(format!("The sample cannot be written to {}: {error}.", folder.display()))
}

impl Scene {
    async fn play(&self, desk: &Desk, dir: &Path) -> Result<Request, Failure> {
        let id = self.id.parse()?;
        if desk.ports.requests.find(id).await?.is_none() {
            self.submit(desk, (dir, id)).await?;
        }
        let mut request = rested(desk, id).await?;
        for act in self.acts {
            if act.at.is_of(&request) {
                act.perform(desk, dir, &request).await?;
                request = rested(desk, id).await?;
            }
        }
        Ok(request)
    }

    async fn submit(&self, desk: &Desk, (dir, id): (&Path, RequestId)) -> Result<(), Failure> {
        let folder = lay(dir, &format!("{id}-1"), self.files)?;
        let declared = desk.house.objects().source().load_paths(&[folder]).await.map_err(source::complaint)?;
        let ask = Ask {
            id,
            project: ProjectId::parse(self.project)?,
            workspace: WorkspaceId::parse(format!("{}-workspace", self.project.to_lowercase()))?,
            title: Title::parse(self.title)?,
            purpose: Some(Reason::parse(self.purpose)?),
            manifest: manifest(declared)?,
        };
        let caller = desk.caller(&Email::parse(self.by)?).await?;
        submit::run(&desk.ports, &caller, ask).await?;
        Ok(())
    }
}

impl Mark {
    fn is_of(self, request: &Request) -> bool {
        let number = request.round().number;
        match (self, &request.status) {
            (Self::Review(round, stage), Status::InReview { stage: at, .. }) => round == number && stage == *at,
            (Self::Returned(round), Status::Returned) => round == number,
            _ => false,
        }
    }
}

impl Act {
    /// Somebody who was faster in the browser is no failure: the request stands where they put it.
    async fn perform(&self, desk: &Desk, dir: &Path, request: &Request) -> Result<(), Failure> {
        let caller = desk.caller(&Email::parse(self.by)?).await?;
        let done = match self.what {
            What::Decide(opinion, reason) => {
                let (stage, manifest) = current(request)?;
                let reason = Some(Reason::parse(reason)?);
                let ballot = Ballot { round: request.round().number, stage, manifest, opinion, reason };
                decide::run(&desk.ports, &caller, request.id, ballot).await
            }
            What::Comment(text) => {
                let call = Digest::of(text.as_bytes());
                comment::run_once(&desk.ports, &caller, request.id, (Reason::parse(text)?, call)).await
            }
            What::Resubmit(files) => {
                let folder = lay(dir, &format!("{}-{}", request.id, request.round().number + 1), files)?;
                let declared = desk.house.objects().source().load_paths(&[folder]).await.map_err(source::complaint)?;
                resubmit::run(&desk.ports, &caller, request.id, manifest(declared)?).await
            }
        };
        match done {
            Ok(_) | Err(workflow::actions::ActionError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Writes files into a folder of the sample.
fn lay(dir: &Path, name: &str, files: &[File]) -> Result<PathBuf, Failure> {
    let folder = dir.join("sample").join(name);
    let write = |(name, bytes): &File| {
        let path = folder.join(name);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, bytes)
    };
    files.iter().try_for_each(write).map_err(|error| unwritten(&folder, &error))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_can_be_submitted_and_played() {
        for scene in script::SCENES {
            assert!(scene.id.parse::<RequestId>().is_ok(), "{}", scene.id);
            assert!(Title::parse(scene.title).is_ok() && Reason::parse(scene.purpose).is_ok(), "{}", scene.title);
            for act in scene.acts {
                let (What::Decide(_, text) | What::Comment(text)) = act.what else { continue };
                assert!(text.len() >= 10 && Reason::parse(text).is_ok(), "{text}");
            }
        }
    }
}
