//! Uploads, and requests that begin or go on with one.

use async_graphql::{ID, Result};
use uuid::Uuid;
use workflow::actions::create_upload::Announcement;
use workflow::actions::submit::Submission;
use workflow::actions::{self, finish_upload};
use workflow::domain::id::RequestId;
use workflow::domain::permission::Refusal;
use workflow::domain::text::{ProjectId, Reason, Title, WorkspaceId};

use super::input::{self, CreateUploadInput, FileInput, Reading, ResubmitInput, SubmitInput};
use super::payload::{
    self, CreateUploadPayload, ResubmitPayload, Resubmitted, SubmitPayload, Submitted, UploadCreated, outcome,
};
use super::read;
use crate::context::Context;
use crate::limits;
use crate::refused::Refused;

pub(super) async fn create(call: &Context, input: CreateUploadInput) -> Result<CreateUploadPayload> {
    let project = read!(CreateUploadPayload, input::read("project", ProjectId::parse(input.project)));
    let files = read!(CreateUploadPayload, announced(input.files));
    let announcement = Announcement { id: name(call, "upload", || call.ports.ids.name()), project, files };
    let result = actions::create_upload::run(&call.ports, &call.caller, announcement).await;
    let created = read!(CreateUploadPayload, payload::reading(call, result)?);
    Ok(CreateUploadPayload::UploadCreated(UploadCreated::of(call, created)))
}

pub(super) async fn submit(call: &Context, input: SubmitInput) -> Result<SubmitPayload> {
    let upload = read!(SubmitPayload, upload_id(&input.upload));
    let (workspace, title, purpose) = read!(SubmitPayload, texts(input));
    let finished = finish_upload::run(&call.ports, &call.caller, upload).await;
    let (project, manifest) = read!(SubmitPayload, payload::reading(call, finished)?);
    let id = RequestId::new(name(call, "request", || input::name_of(&call.caller, "upload", &upload.to_string())));
    let submission = Submission { id, project, workspace, title, purpose, manifest };
    let result = actions::submit::run(&call.ports, &call.caller, submission).await;
    outcome!(call, result, SubmitPayload, |request| Submitted { request })
}

pub(super) async fn resubmit(call: &Context, input: ResubmitInput) -> Result<ResubmitPayload> {
    let id = read!(ResubmitPayload, input::request_id(&input.request));
    let upload = read!(ResubmitPayload, upload_id(&input.upload));
    let finished = finish_upload::run(&call.ports, &call.caller, upload).await;
    let (_, manifest) = read!(ResubmitPayload, payload::reading(call, finished)?);
    let result = actions::resubmit::run(&call.ports, &call.caller, id, manifest).await;
    outcome!(call, result, ResubmitPayload, |request| Resubmitted { request })
}

/// More files than the policy allows is for the policy to say; this is about what one call can carry.
fn announced(files: Vec<FileInput>) -> Reading<Vec<(String, u64)>> {
    if files.len() > limits::ANNOUNCED {
        let (came, most) = (files.len(), limits::ANNOUNCED);
        let problem = format!(
            "there are {came} of them, and one upload takes {most}; pack some of them together, or use the command line, \
             which takes more"
        );
        return Err(Refusal::UnusableFiles { problem }.into());
    }
    Ok(files.into_iter().map(|file| (file.path, file.size.0)).collect())
}

fn upload_id(id: &ID) -> Reading<Uuid> {
    id.parse().map_err(|_| Refused::from(Refusal::NoSuchUpload))
}

fn texts(input: SubmitInput) -> Reading<(WorkspaceId, Title, Option<Reason>)> {
    Ok((
        input::read("workspace", WorkspaceId::parse(input.workspace))?,
        input::read("title", Title::parse(input.title.trim()))?,
        input::optional_reason("purpose", input.purpose)?,
    ))
}

/// The name that a call gives to what it makes: from its key, or another one.
fn name(call: &Context, purpose: &str, other: impl FnOnce() -> Uuid) -> Uuid {
    let key = call.idempotency_key.as_ref();
    key.map_or_else(other, |key| input::name_of(&call.caller, &format!("{purpose} by key"), key.as_str()))
}
