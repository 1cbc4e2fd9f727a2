//! Submitting files: the form, the announcement that the script makes, and what is sent once the bytes have arrived.
//!
//! The bytes themselves go where the upload's tickets say: the script sends them file by file; of a form that brings them
//! along, whoever takes the call off the wire puts them there, and passes the form on with the upload in their place.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::write::{done, refused};
use super::{Shown, filled, html};
use crate::Visit;
use crate::ask::{ask, ask_once};
use crate::document::{CreateUpload, Resubmission, Resubmit, Submission, Submit};
use crate::document::{create_upload, resubmission, resubmit, submission, submit};
use crate::fault::Fault;
use crate::frame::{Frame, frame};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/submit", get(form).post(send))
        .route("/submit/files", post(announce))
        .route("/requests/{id}/resubmit", get(form_again).post(send_again))
}

#[derive(Template)]
#[template(path = "submit.html")]
struct SubmitPage {
    frame: Frame,
    projects: Vec<String>,
    call: String,
}

#[derive(Template)]
#[template(path = "resubmit.html")]
struct ResubmitPage {
    frame: Frame,
    request: resubmission::ResubmissionRequest,
    call: String,
}

async fn form(Extension(visit): Extension<Visit>) -> Shown {
    let data = ask::<Submission>(&visit, submission::Variables {}).await?;
    let frame = frame!(data.viewer.head, "submit");
    let mut projects: Vec<String> =
        data.viewer.groups.into_iter().filter_map(|group| group.projects).flatten().collect();
    projects.sort();
    projects.dedup();
    Ok(html(&SubmitPage { frame, projects, call: Uuid::new_v4().to_string() }))
}

async fn form_again(Extension(visit): Extension<Visit>, Path(id): Path<String>) -> Shown {
    let data = ask::<Resubmission>(&visit, resubmission::Variables { id }).await?;
    let frame = frame!(data.viewer, "requests");
    let request = data.request.ok_or(Fault::NotThere)?;
    Ok(html(&ResubmitPage { frame, request, call: Uuid::new_v4().to_string() }))
}

/// What the script announces before it sends bytes.
#[derive(Debug, Deserialize)]
struct Announcement {
    project: String,
    call: String,
    files: Vec<Announced>,
}

#[derive(Debug, Deserialize)]
struct Announced {
    path: String,
    size: u64,
}

/// What the script is told: where the bytes go, or why nowhere.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Told {
    Upload { upload: String, tickets: Vec<Ticket> },
    Refused { refused: String },
}

#[derive(Debug, Serialize)]
struct Ticket {
    path: String,
    size: u64,
    url: String,
}

async fn announce(Extension(visit): Extension<Visit>, Json(announced): Json<Announcement>) -> Response {
    let files = announced.files.into_iter().map(|file| create_upload::FileInput { path: file.path, size: file.size });
    let input = create_upload::CreateUploadInput { files: files.collect(), project: announced.project };
    let variables = create_upload::Variables { input };
    let told = match ask_once::<CreateUpload>(&visit, variables, filled(&announced.call)).await {
        Ok(data) => tell(data.create_upload),
        Err(fault) => return fault.into_response(),
    };
    Json(told).into_response()
}

fn tell(answer: create_upload::CreateUploadCreateUpload) -> Told {
    match answer {
        create_upload::CreateUploadCreateUpload::UploadCreated(upload) => {
            let ticket = |ticket: create_upload::CreateUploadCreateUploadOnUploadCreatedTickets| Ticket {
                path: ticket.submitted_as.unwrap_or(ticket.path),
                size: ticket.size,
                url: ticket.url,
            };
            Told::Upload { upload: upload.id, tickets: upload.tickets.into_iter().map(ticket).collect() }
        }
        create_upload::CreateUploadCreateUpload::Refused(no) => Told::Refused { refused: no.sentence },
    }
}

/// What a form sends once all bytes have arrived.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    upload: String,
    workspace: String,
    title: String,
    purpose: String,
    call: String,
    /// Why there is no upload, where whoever took the files out of the form says so.
    trouble: String,
}

const NO_UPLOAD: &str =
    "No files came with the form, so nothing was submitted. Choose at least one file and send it again.";

impl Sent {
    fn trouble(&self) -> String {
        filled(&self.trouble).unwrap_or_else(|| NO_UPLOAD.to_owned())
    }
}

async fn send(Extension(visit): Extension<Visit>, Form(sent): Form<Sent>) -> Shown {
    if sent.upload.is_empty() {
        return Ok(refused(sent.trouble(), &sent.purpose, "/submit".to_owned()));
    }
    let input = submit::SubmitInput {
        purpose: filled(&sent.purpose),
        title: sent.title,
        upload: sent.upload,
        workspace: sent.workspace,
    };
    Ok(match ask_once::<Submit>(&visit, submit::Variables { input }, filled(&sent.call)).await?.submit {
        submit::SubmitSubmit::Submitted(now) => done(&now.request.id, "submitted"),
        submit::SubmitSubmit::Refused(no) => refused(no.sentence, &sent.purpose, "/submit".to_owned()),
    })
}

async fn send_again(Extension(visit): Extension<Visit>, Path(id): Path<String>, Form(sent): Form<Sent>) -> Shown {
    let back = format!("/requests/{}/resubmit", crate::show::encode(&id));
    if sent.upload.is_empty() {
        return Ok(refused(sent.trouble(), "", back));
    }
    let input = resubmit::ResubmitInput { request: id, upload: sent.upload };
    Ok(match ask::<Resubmit>(&visit, resubmit::Variables { input }).await?.resubmit {
        resubmit::ResubmitResubmit::Resubmitted(now) => done(&now.request.id, "resubmitted"),
        resubmit::ResubmitResubmit::Refused(no) => refused(no.sentence, "", back),
    })
}
