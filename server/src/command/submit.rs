//! `submit`: ask for files to leave, by the platform's notice or from folders of this machine.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde::{Deserialize, Serialize};
use serde_json::json;
use workflow::actions::receive::{self, Received};
use workflow::actions::submit::{self, Submission};
use workflow::domain::email::Email;
use workflow::domain::id::RequestId;
use workflow::domain::manifest::{Declared, Manifest};
use workflow::domain::notice::{LARGEST_NOTICE, Notice};
use workflow::domain::text::{ProjectId, Reason, Title, WorkspaceId};

use super::{request, source};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::file;
use crate::output::Output;
use crate::value;

/// An ask.
#[derive(Debug, Args, Serialize, Deserialize)]
#[command(group(ArgGroup::new("what").required(true).args(["notice", "paths"])))]
pub(crate) struct Submit {
    /// The platform's notice, as JSON
    #[arg(long, value_name = "FILE", value_parser = value::path)]
    notice: Option<PathBuf>,
    /// Bring in this folder first, as the content of the notice's store
    #[arg(long, value_name = "DIR", requires = "notice", value_parser = value::path)]
    source: Option<PathBuf>,
    #[command(flatten)]
    ask: Option<Ask>,
    /// The files and folders
    #[arg(value_name = "PATH", requires = "ask", conflicts_with = "notice", value_parser = value::path)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    patience: request::Patience,
}

/// What a person says about the files.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[group(id = "ask", multiple = true, conflicts_with = "notice")]
pub(crate) struct Ask {
    /// The workspace that the files come from
    #[arg(long, required = false, value_parser = value::workspace)]
    workspace: WorkspaceId,
    /// The project whose data it is
    #[arg(long, required = false, value_parser = value::project)]
    project: ProjectId,
    /// What it is called
    #[arg(long, required = false, value_parser = value::title)]
    title: Title,
    /// What the files are for
    #[arg(long, required = false, value_name = "TEXT", value_parser = value::reason)]
    why: Reason,
    /// Who asks
    #[arg(long, required = false, value_name = "EMAIL", value_parser = value::email)]
    requester: Email,
}

impl Submit {
    pub(super) async fn run(&self, desk: &Desk, output: &Output) -> Result<(), Failure> {
        match (&self.notice, &self.ask) {
            (Some(notice), _) => self.submit_notice(desk, output, notice).await,
            (None, Some(ask)) => self.submit_files(desk, output, ask).await,
            (None, None) => {
                Err(Failure::usage("Name --workspace, --project, --title, --why and --requester with the files."))
            }
        }
    }

    async fn submit_notice(&self, desk: &Desk, output: &Output, file: &Path) -> Result<(), Failure> {
        let body = read_notice(file)?;
        if let Some(folder) = &self.source {
            let notice = Notice::parse(&body)
                .map_err(|bad| Failure::refused("BAD_NOTICE", format!("{bad}. Nothing was brought in.")))?;
            let loaded = source::bring(desk, &notice.bucket, &notice.folder, folder).await?;
            source::keep_list(desk, &notice, &loaded).await?;
        }
        let received = receive::run(&desk.ports, &body).await?;
        self.patience.rest(desk, &received).await?;
        conclude(output, &received).await
    }

    async fn submit_files(&self, desk: &Desk, output: &Output, ask: &Ask) -> Result<(), Failure> {
        let caller = desk.caller(&ask.requester).await?;
        let declared = desk.house.objects().source().load_paths(&self.paths).await.map_err(source::complaint)?;
        let submission = Submission {
            id: RequestId::new(desk.ports.ids.name()),
            project: ask.project.clone(),
            workspace: ask.workspace.clone(),
            title: ask.title.clone(),
            purpose: Some(ask.why.clone()),
            manifest: manifest(declared)?,
        };
        let request = submit::run(&desk.ports, &caller, submission).await?;
        self.patience.answer(desk, output, ("The request is on record.", &request)).await
    }
}

/// What is declared, if it can be reviewed.
pub(super) fn manifest(declared: Vec<Declared>) -> Result<Manifest<Declared>, Failure> {
    Manifest::declare(declared).map_err(|bad| {
        Failure::refused("BAD_MANIFEST", format!("This cannot be submitted: {bad}. Nothing was submitted."))
    })
}

/// One byte more than fits may come: whoever takes it says that it is too large.
fn read_notice(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = file::read_start(path, LARGEST_NOTICE + 1);
    read.map_err(|unread| Failure::unreachable(format!("{unread}. Nothing was submitted.")))
}

/// Says what became of a notice. What was put into quarantine is kept, and refused for now.
pub(super) async fn conclude(output: &Output, received: &Received) -> Result<(), Failure> {
    let (outcome, id, text) = match received {
        Received::Begun(id) => ("begun", id, format!("The request {id} is on record.")),
        Received::Queued(id) => {
            ("queued", id, format!("The request {id} is on record and waits behind another one of its store."))
        }
        Received::NextRound(id) => ("next_round", id, format!("The returned request {id} has its next round.")),
        Received::Known(id) => {
            ("known", id, format!("This notice was taken before, as the request {id}. Nothing was added."))
        }
        Received::Quarantined { id, reason } => {
            let sentence = format!(
                "The notice could not be taken: {reason}. It is kept in quarantine as {id}; put right what is wrong and replay it."
            );
            return Err(Failure::refused("QUARANTINED", sentence));
        }
    };
    output.answer(&json!({ "outcome": outcome, "request": id }), || text).await;
    Ok(())
}
